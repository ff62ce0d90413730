"""The key in the header `Authorization`: bare, as documented, or after `Token` or `Bearer`."""

from __future__ import annotations

from typing import cast

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from engine import keys
from engine.models import Account, ApiKey

SCHEME_WORDS = ("token", "bearer")


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Account, ApiKey] | None:
        words = get_authorization_header(request).decode("latin-1").split()
        if not words:
            return None
        if len(words) == 2 and words[0].lower() in SCHEME_WORDS:
            words = words[1:]
        found = ApiKey.objects.select_related("account").filter(digest=keys.digest(" ".join(words))).first()
        if found is None:
            raise refused("Token is invalid")
        if found.expired:
            raise refused("Token is expired")
        return found.account, found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def owner(request: Request) -> Account:
    """Who calls. The framework would have it a user, but there are no users here."""
    return cast(Account, request.user)


def refused(message: str) -> AuthenticationFailed:
    return AuthenticationFailed(
        {
            "detail": "Given token not valid for any token type",
            "code": "token_not_valid",
            "messages": [{"token_class": "AccessToken", "token_type": "access", "message": message}],
        }
    )
