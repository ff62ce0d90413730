"""Authentication by the key in the `Authorization` header: bare, as documented, or after `Token` or `Bearer`."""

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
        api_key = ApiKey.objects.select_related("account").filter(digest=keys.digest(" ".join(words))).first()
        if api_key is None:
            raise invalid_token("Token is invalid")
        if api_key.expired:
            raise invalid_token("Token is expired")
        return api_key.account, api_key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def account_of(request: Request) -> Account:
    """The account that makes the request. REST framework calls it the user, but the engine has no users."""
    return cast(Account, request.user)


def invalid_token(message: str) -> AuthenticationFailed:
    return AuthenticationFailed(
        {
            "detail": "Given token not valid for any token type",
            "code": "token_not_valid",
            "messages": [{"token_class": "AccessToken", "token_type": "access", "message": message}],
        }
    )
