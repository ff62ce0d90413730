"""Records entries in the audit log; the actor is taken from the current request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.cache import cache
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse

from portal.audit.chain import chain_on_commit
from portal.audit.models import Entry
from portal.rate_limits import Counter, Limit, consume, is_exhausted

Action = Entry.Action
Row = TypeVar("Row", bound=models.Model)
P = ParamSpec("P")
VIEW_DEBOUNCE_SECONDS = 3600  # views of the same object by the same person within it are recorded once


@dataclass(frozen=True, slots=True)
class Actor:
    """The person and IP address of the request; empty for what the portal does by itself.

    `token` names the API token, if that is how the person came in.
    """

    person: AbstractBaseUser | AnonymousUser | None = None
    address: str = ""
    token: str = ""


_actor: ContextVar[Actor] = ContextVar("actor", default=Actor())  # noqa: B039 - frozen


class ActorMiddleware:
    """Sets the actor for the duration of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _actor.set(Actor(request.user, str(request.META.get("REMOTE_ADDR", ""))[:45]))
        try:
            return self.get_response(request)
        finally:
            _actor.reset(token)


def act_as(person: AbstractBaseUser, *, token: str) -> None:
    """For the rest of the request, the actor is the owner of an API token."""
    _actor.set(replace(_actor.get(), person=person, token=token))


@contextmanager
def acting(person: AbstractBaseUser, *, token: str, address: str) -> Iterator[None]:
    """The actor of what happens outside Django's requests, by an API token."""
    former = _actor.set(Actor(person, address[:45], token))
    try:
        yield
    finally:
        _actor.reset(former)


def record(
    action: str,
    subject: models.Model | None = None,
    *,
    team: int | None = None,
    person: AbstractBaseUser | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> Entry:
    """Add an entry; call it in the transaction of the action, so that both are committed or neither.

    `team` is a primary key and defaults to that of the subject. `person` is for actions outside a request or before
    sign-in. `before` and `after` must contain neither secrets nor document text.
    """
    entry = Entry.objects.create(**_entry_fields(action, subject, team=team, person=person, before=before, after=after))
    chain_on_commit()
    return entry


RowMethod = Callable[Concatenate[Row, P], bool]


def recorded(action: str, detail: str = "") -> Callable[[RowMethod[Row, P]], RowMethod[Row, P]]:
    """Decorates a model method that returns whether it changed anything; if so, records `action` atomically with it.

    `detail` is the name under which the entry stores the method's first argument.
    """

    def decorate(method: RowMethod[Row, P]) -> RowMethod[Row, P]:
        @wraps(method)
        def wrapped(row: Row, /, *args: P.args, **kwargs: P.kwargs) -> bool:
            with transaction.atomic():
                happened = method(row, *args, **kwargs)
                if happened:
                    record(action, row, after={detail: args[0]} if detail else None)
            return happened

        return wrapped

    return decorate


def record_each(action: str, subjects: list[models.Model], **options: Any) -> None:
    """An entry per subject, in one statement."""
    Entry.objects.bulk_create(
        [Entry(**_entry_fields(action, subject, **options)) for subject in subjects], batch_size=500
    )
    chain_on_commit()


def record_view(action: str, subject: models.Model) -> None:
    """Record a view, unless the same person viewed the same object within VIEW_DEBOUNCE_SECONDS."""
    person = _actor.get().person
    key = f"audit:{action}:{subject._meta.model_name}:{subject.pk}:{person.pk if person else ''}"
    if cache.add(key, True, VIEW_DEBOUNCE_SECONDS):
        try:
            record(action, subject)
        except BaseException:
            cache.delete(key)  # otherwise a retry after a busy database would not be recorded
            raise


def record_once(action: str, key: str, *, seconds: int = 60, **options: Any) -> None:
    """Record something that may happen very often, at most once per key and `seconds`."""
    record_within([Limit(f"audit-{action}", 1, seconds).counter(key)], action, **options)


def record_within(counters: list[Counter], action: str, **options: Any) -> None:
    """Record unless a limit is exhausted. An entry that could not be added is not counted."""
    if is_exhausted(counters):  # before the transaction, which on SQLite waits for the write lock
        return
    with transaction.atomic():
        if consume(counters):
            record(action, **options)


def _entry_fields(
    action: str,
    subject: models.Model | None,
    *,
    team: int | None = None,
    person: AbstractBaseUser | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> dict[str, object]:
    actor = _actor.get()
    who = person or actor.person
    known = who if who is not None and who.is_authenticated else None
    if actor.token:
        after = {**(after or {}), "token": actor.token}
    return {
        "action": Action(action),
        "person_id": known.pk if known else None,
        "person_name": str(known)[:254] if known else "",
        "team_id": team if team is not None else _team_of(subject),
        "subject_kind": subject._meta.model_name if subject else "",
        "subject_id": str(getattr(subject, "key", subject.pk)) if subject else "",
        "subject_name": str(subject)[:255] if subject else "",
        "before": dict(before) if before is not None else None,
        "after": dict(after) if after is not None else None,
        "address": actor.address,
    }


def _team_of(subject: models.Model | None) -> int | None:
    if subject is not None and subject._meta.label_lower == "people.team":
        return int(subject.pk)
    team = getattr(subject, "team_id", None)
    return int(team) if team is not None else None
