"""First-run setup: a secret link, printed at startup, creates the first administrator and the team."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.people.models import Installation, Membership, Team, User


def setup_token() -> str:
    """The token of the setup link, derived from the secret key, so that a restart prints the same link."""
    return salted_hmac("portal.people.setup", "first administrator", algorithm="sha256").hexdigest()[:40]


def setup_path() -> str | None:
    """The path of the setup link, or None once someone owns the installation."""
    return None if Installation.is_claimed() else reverse("setup", args=[setup_token()])


def is_valid_token(token: str) -> bool:
    return constant_time_compare(token, setup_token()) and not Installation.is_claimed()


class AlreadyClaimed(Exception):
    """The installation has an owner already."""


@transaction.atomic
def claim(*, email: str, name: str, password: str, team: str) -> User:
    """Create the first administrator and the team; raises `AlreadyClaimed`."""
    if User.objects.exists() or not Installation.claim():
        raise AlreadyClaimed
    user = User.objects.create_superuser(email, password, name=name)
    Membership.objects.create(person=user, team=Team.objects.create(name=team), role=Membership.Role.ADMINISTRATOR)
    return user
