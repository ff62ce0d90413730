"""API tokens: making, recognising and revoking them.

A token is `xpp_` (a person's) or `xps_` (a service's), 30 random letters and digits, and 6 that are their checksum, so
that scanners find leaked ones without asking anybody.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import uuid
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.audit.recording import Action, record
from portal.people.models import ApiToken, Membership, Team, User

Scope, Role = ApiToken.Scope, Membership.Role
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
PERSONAL, SERVICE = "xpp_", "xps_"
RANDOM_LENGTH, CHECKSUM_LENGTH = 30, 6
SHOWN_LENGTH = 8
USE_RESOLUTION = timedelta(minutes=1)
"""How exact `last_used_at` is; avoids a write at each request."""
SCHEME_WORDS = ("token", "bearer")

CHALLENGE = 'Bearer realm="api"'
"""What every 401 has in `WWW-Authenticate`."""
NO_TOKEN = {"detail": "Authentication credentials were not provided."}
INVALID_TOKEN: dict[str, Any] = {
    "detail": "Given token not valid for any token type",
    "code": "token_not_valid",
    "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}],
}
"""In the dialect's words, which do not tell an unknown token from an expired or revoked one."""

NEEDED_ROLES = {
    Scope.UPLOAD: Role.UPLOADER,
    Scope.READ: Role.VIEWER,
    Scope.REVIEW: Role.REVIEWER,
    Scope.EXPORT: Role.VIEWER,
    Scope.MANAGE: Role.UPLOADER,
}
"""The lowest role in which each scope has an effect."""


class NotAMember(Exception):
    """Tokens are for members of the team."""


@dataclass(frozen=True, slots=True)
class TokenOptions:
    name: str
    scopes: Collection[str]
    expires_at: datetime | None
    repeats: str = ApiToken.Repeat.ANSWER


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token permits right now: its scopes, as far as the owner's present role allows them."""

    token: ApiToken
    person: User
    team: Team
    role: str

    def allows(self, scope: str) -> bool:
        rank = Role.values.index
        return scope in self.token.scopes and rank(self.role) >= rank(NEEDED_ROLES[Scope(scope)])


@transaction.atomic
def issue(person: User, team: Team, options: TokenOptions, *, by: User, prefix: str = PERSONAL) -> tuple[ApiToken, str]:
    """Create a token; returns the row with the token itself, which cannot be recovered later. Raises `NotAMember`."""
    membership = Membership.objects.select_for_update(of=("self",), no_key=True).filter(person=person, team=team)
    if not membership.exists():
        raise NotAMember
    key = new_key(prefix)
    token = ApiToken.objects.create(
        person=person,
        team=team,
        name=options.name,
        scopes=[scope for scope in Scope.values if scope in options.scopes],
        repeats=options.repeats,
        token_hash=_hash(key),
        beginning=key[:SHOWN_LENGTH],
        created_by=by,
        expires_at=options.expires_at,
        responsible=by if person.is_service else None,
    )
    after = {"scopes": token.scopes, "expires": token.expires_at.date().isoformat() if token.expires_at else ""}
    record(Action.TOKEN_MADE, token, after=after)
    return token, key


@transaction.atomic
def issue_for_service(team: Team, role: str, options: TokenOptions, *, by: User) -> tuple[ApiToken, str]:
    """Create a service in the team, and its token."""
    service = User(email=f"{uuid.uuid4()}@service.invalid", name=options.name, is_service=True, is_active=False)
    service.set_unusable_password()
    service.save()
    Membership.objects.create(person=service, team=team, role=role)
    record(Action.JOINED, service, team=team.pk, after={"role": role})
    return issue(service, team, options, by=by, prefix=SERVICE)


@transaction.atomic
def revoke(token: ApiToken) -> bool:
    """Revoke it at once; a service leaves the team, and its documents keep its name."""
    if not token.revoke():
        return False
    record(Action.TOKEN_REVOKED, token)
    if token.person.is_service:
        Membership.objects.filter(person=token.person, team=token.team).delete()
    return True


@transaction.atomic
def replace(token: ApiToken) -> str:
    """A new key for the same token; the former one opens nothing from now on. Returns the key."""
    key = new_key(SERVICE if token.person.is_service else PERSONAL)
    token.token_hash, token.beginning, token.last_used_at = _hash(key), key[:SHOWN_LENGTH], None
    token.save(update_fields=["token_hash", "beginning", "last_used_at"])
    record(Action.TOKEN_MADE, token, after={"replaces": True})
    return key


@transaction.atomic
def hand_over(token: ApiToken, person: User) -> bool:
    """Let another administrator look after a service."""
    rows = ApiToken.objects.filter(pk=token.pk, person__is_service=True, revoked_at=None)
    if not rows.exclude(responsible=person).update(responsible=person):
        return False
    before = {"responsible": str(token.responsible)} if token.responsible else {}
    record(Action.SETTING, token, before=before, after={"responsible": str(person)})
    return True


def revoke_unbacked(person: User) -> int:
    """Revoke the tokens of a person who has left their team or cannot sign in any more; returns their number.

    Call it in the transaction that takes the right away. Requests are refused by `find` in any case; this makes sure
    that nobody's token comes to life again with a new membership.
    """
    tokens = ApiToken.objects.filter(person=person, revoked_at=None).select_related("person", "team")
    if person.is_active or person.is_service:
        tokens = tokens.exclude(team__in=Membership.objects.filter(person=person).values("team"))
    return sum(revoke(token) for token in tokens)


def find(header: str) -> Grant | None:
    """What an `Authorization` header permits: a bare token, or one after `Token` or `Bearer`.

    A token of a person who has not signed in for long rests, for the company may not let them in any more.
    """
    key = _key_in(header)
    if not is_wellformed(key):
        return None
    backed = Q(person__is_active=True) | Q(person__is_service=True)
    tokens = ApiToken.objects.open().with_role().filter(backed, token_hash=_hash(key))
    token = tokens.select_related("person", "team").first()
    if token is None or token.resting:
        return None
    return Grant(token, token.person, token.team, getattr(token, "role", Role.VIEWER))


def note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= USE_RESOLUTION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def new_key(prefix: str) -> str:
    random = "".join(secrets.choice(DIGITS) for _ in range(RANDOM_LENGTH))
    return f"{prefix}{random}{_checksum(random)}"


def is_wellformed(key: str) -> bool:
    """Whether it can be a token at all, without looking it up."""
    prefix, rest = key[: len(PERSONAL)], key[len(PERSONAL) :]
    if prefix not in (PERSONAL, SERVICE) or len(rest) != RANDOM_LENGTH + CHECKSUM_LENGTH:
        return False
    return _checksum(rest[:RANDOM_LENGTH]) == rest[RANDOM_LENGTH:]


def _key_in(header: str) -> str:
    words = header.split()
    if len(words) == 2 and words[0].lower() in SCHEME_WORDS:
        return words[1]
    return words[0] if len(words) == 1 else ""


def _checksum(text: str) -> str:
    """CRC-32 in base 62."""
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits


def _hash(key: str) -> str:
    """Keys are long and random, so a fast hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()
