"""Who may call: a token with the scope that reads, within its rate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from portal.audit.recording import acting
from portal.people import api_tokens
from portal.people.api_tokens import Grant
from portal.people.models import ApiToken
from portal.people.token_rates import Rate, count_request

SCOPE = ApiToken.Scope.READ


class Denied(Exception):
    """A sentence for whoever set up the client."""


class Unauthorized(Denied):
    pass


class ScopeMissing(Denied):
    pass


class TooMany(Denied):
    def __init__(self, message: str, rate: Rate) -> None:
        super().__init__(message)
        self.rate = rate


def admit(authorization: str) -> tuple[Grant, Rate]:
    """What the token permits at this moment. Raises `Denied`."""
    grant = api_tokens.find(authorization)
    if grant is None:
        raise Unauthorized(_("The token is missing, or it is invalid, expired or revoked."))
    allowed, rate = count_request(grant.token)
    if not allowed:
        words = _("Too many requests with this token. Try again in %(seconds)d seconds.")
        raise TooMany(words % {"seconds": rate.reset}, rate)
    api_tokens.note_use(grant.token)
    if not grant.allows(SCOPE):
        words = _("This token, or the role of its owner, does not allow this: %(scope)s.")
        raise ScopeMissing(words % {"scope": ApiToken.Scope(SCOPE).label})
    return grant, rate


@contextmanager
def acting_by(grant: Grant, address: str) -> Iterator[None]:
    """The audit log names the token's owner, the token and where the call came from."""
    with acting(grant.person, token=str(grant.token), address=address):
        yield
