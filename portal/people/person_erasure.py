"""Erases a person: the account is closed for ever and loses its name; what is the person's own goes.

What the person did for a team stays with the team, under a pseudonym: documents, corrections, comments. The audit log
stays as it was written, since each line's hash covers its names; pages and exports show the pseudonym instead
(`portal.audit.pseudonyms`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.utils import timezone

from portal.audit.models import Entry
from portal.audit.recording import Action, record
from portal.people import membership
from portal.people.invitations import withdraw_unauthorized
from portal.people.models import Invitation, Membership, User
from portal.people.person_data import related_columns

NOWHERE = "erased.invalid"
Eraser = Callable[[User], Mapping[str, int]]


@dataclass
class Erased:
    """`removed` counts rows by table, `kept` those that stay under the pseudonym, by table and column."""

    pseudonym: str
    removed: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    audit_lines: int = 0


_erasers: list[Eraser] = []


def register(eraser: Eraser) -> None:
    """Called in the transaction of the erasure, before the rows go and while the account still has its name."""
    if eraser not in _erasers:
        _erasers.append(eraser)


@transaction.atomic
def erase(person: User) -> Erased:
    """Raises `LastAdministrator` and `LastSiteAdministrator`: somebody else has to be one first."""
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.is_superuser:
        membership.require_another_site_administrator(leaving=person)
    for row in Membership.objects.filter(person=person).select_related("person", "team"):
        membership.remove(row)
    person.is_active = person.is_superuser = person.is_staff = False
    withdraw_unauthorized(person)
    removed: dict[str, int] = {}
    for eraser in _erasers:
        removed |= {name: count for name, count in eraser(person).items() if count}
    Invitation.objects.filter(accepted_by=person).update(note="")
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))
    about.update(object_repr=person.pseudonym, change_message="")
    removed |= _remove_own(person)
    _anonymise(person)
    record(Action.ACCOUNT_DELETED, person, after={"anonymised": True})
    return Erased(person.pseudonym, removed, _kept(person), _audit_lines(person))


def _remove_own(person: User) -> dict[str, int]:
    """Whatever would be deleted with the account: settings, addresses, factors, tokens, notices."""
    removed: dict[str, int] = {}
    for model, column in related_columns():
        if column.remote_field.on_delete is models.CASCADE:
            _total, by_model = model._base_manager.filter(**{column.name: person.pk}).delete()
            for name, count in by_model.items():
                removed[name.lower()] = removed.get(name.lower(), 0) + count
    EmailAddress.objects.filter(email__iexact=person.email).delete()
    removed["sessions.session"] = _end_sessions(person)
    return {name: count for name, count in removed.items() if count}


def _end_sessions(person: User) -> int:
    """A session tells whose it is only once it is decoded."""
    own = [row.pk for row in Session.objects.iterator(chunk_size=500)
           if row.get_decoded().get("_auth_user_id") == str(person.pk)]  # fmt: skip
    return Session.objects.filter(pk__in=own).delete()[0]


def _anonymise(person: User) -> None:
    person.email, person.name = f"erased-{person.pk}@{NOWHERE}", ""
    person.erased_at, person.last_login = timezone.now(), None
    person.session_epoch += 1
    person.set_unusable_password()
    person.save()
    person.groups.clear()
    person.user_permissions.clear()


def _kept(person: User) -> dict[str, int]:
    found = {
        f"{model._meta.label_lower}.{column.name}": model._base_manager.filter(**{column.name: person.pk}).count()
        for model, column in related_columns()
    }
    return {name: count for name, count in found.items() if count}


def _audit_lines(person: User) -> int:
    own = models.Q(person=person.pk) | models.Q(subject_kind="user", subject_id=str(person.pk))
    return Entry.objects.filter(own).count()
