"""Authentication by API token, and what its scopes and its owner's role allow."""

from __future__ import annotations

from typing import cast

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.audit.recording import act_as
from portal.people import api_tokens
from portal.people.api_tokens import Grant
from portal.people.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """Sessions do not count, so that no page of another site can send requests in somebody's name."""

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        header = request.headers.get("Authorization", "")
        if not header.strip():
            return None
        grant = api_tokens.find(header)
        if grant is None:
            raise AuthenticationFailed(api_tokens.INVALID_TOKEN)
        api_tokens.note_use(grant.token)
        act_as(grant.person, token=str(grant.token))
        # Read by ClientIdentityMiddleware, which tells the server whose request it was.
        request._request._cached_user = grant.person  # type: ignore[attr-defined]
        return grant.person, grant

    def authenticate_header(self, request: Request) -> str:
        return api_tokens.CHALLENGE


class ScopePermission(BasePermission):
    """The view names the scope that a request takes."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.auth is None:
            return False
        scope = view.scope_of(request)  # type: ignore[attr-defined]
        allowed = grant_of(request).allows(scope)
        if not allowed:
            self.message = _("This token, or the role of its owner, does not allow this: %(scope)s.") % {
                "scope": ApiToken.Scope(scope).label
            }
        return allowed


def grant_of(request: Request) -> Grant:
    return cast(Grant, request.auth)
