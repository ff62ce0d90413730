"""One-time links that sign a person in when the company's provider cannot; made by whoever can run commands."""

from __future__ import annotations

from django.core import signing
from django.db import transaction
from django.urls import reverse

from portal.audit.recording import Action, record
from portal.people.models import User

SALT = "portal.people.break_glass"
LIFETIME_SECONDS = 900


@transaction.atomic
def make_path(person: User) -> str:
    """The path of a link that works once, for a quarter of an hour, and is void after any other sign-in."""
    record(Action.ACCOUNT_CHANGED, person, after={"break_glass": True})
    return reverse("break_glass", args=[signing.dumps([person.pk, _state_of(person)], salt=SALT)])


def person_of(token: str) -> User | None:
    try:
        pk, state = signing.loads(token, salt=SALT, max_age=LIFETIME_SECONDS)
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk, is_active=True).first()
    return person if person is not None and state == _state_of(person) else None


def _state_of(person: User) -> str:
    """Changes with every sign-in, so that the link works once."""
    return f"{person.session_epoch} {person.last_login.isoformat() if person.last_login else ''}"
