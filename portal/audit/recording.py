"""Adding lines to the log. Who acts, and from where, is known for the length of a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.cache import cache
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse

from portal.audit.models import Entry

Action = Entry.Action
Row = TypeVar("Row", bound=models.Model)
P = ParamSpec("P")
SEEN_AGAIN_AFTER = 3600  # seconds for which a second look by the same person makes no second line


@dataclass(frozen=True, slots=True)
class Actor:
    """The person of the request and the address it came from; neither, for what the portal does by itself."""

    person: AbstractBaseUser | AnonymousUser | None = None
    address: str = ""


_actor: ContextVar[Actor] = ContextVar("actor", default=Actor())  # noqa: B039 - it is frozen


class ActorMiddleware:
    """Notes who asks for as long as the request lasts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _actor.set(Actor(request.user, str(request.META.get("REMOTE_ADDR", ""))[:45]))
        try:
            return self.get_response(request)
        finally:
            _actor.reset(token)


def record(
    action: str,
    subject: models.Model | None = None,
    *,
    team: int | None = None,
    person: AbstractBaseUser | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add a line, in the transaction of the deed itself: both are kept, or neither.

    `team` is its id; left out, it is that of the subject. `person` is for deeds outside of a request, or before the
    person is signed in. `before` and `after` must hold no secret and no text of a document.
    """
    Entry.objects.create(**_line(action, subject, team=team, person=person, before=before, after=after))


Verb = Callable[Concatenate[Row, P], bool]


def recorded(action: str, told: str = "") -> Callable[[Verb[Row, P]], Verb[Row, P]]:
    """For a verb of a row that answers whether it happened: if so, a line with it, in one transaction.

    `told` names the verb's first argument, which then stands in the line.
    """

    def decorate(verb: Verb[Row, P]) -> Verb[Row, P]:
        @wraps(verb)
        def do_and_record(row: Row, /, *args: P.args, **kwargs: P.kwargs) -> bool:
            with transaction.atomic():
                happened = verb(row, *args, **kwargs)
                if happened:
                    record(action, row, after={told: args[0]} if told else None)
            return happened

        return do_and_record

    return decorate


def record_each(action: str, subjects: list[models.Model], **of_each: Any) -> None:
    """A line for each of many, in one statement."""
    Entry.objects.bulk_create([Entry(**_line(action, subject, **of_each)) for subject in subjects], batch_size=500)


def record_look(action: str, subject: models.Model) -> None:
    """A line for a look, unless the same person looked at the same thing a while ago."""
    person = _actor.get().person
    key = f"audit:{action}:{subject._meta.model_name}:{subject.pk}:{person.pk if person else ''}"
    if cache.add(key, True, SEEN_AGAIN_AFTER):
        record(action, subject)


def _line(
    action: str,
    subject: models.Model | None,
    *,
    team: int | None = None,
    person: AbstractBaseUser | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    actor = _actor.get()
    who = person or actor.person
    known = who if who is not None and who.is_authenticated else None
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
