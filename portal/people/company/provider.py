"""The company's OpenID provider: discovery, keys and the exchange of the code, over allauth's client.

Here the web process makes requests of its own, because somebody waits in front of it: to endpoints that the operator
named or the provider's discovery document names, with short timeouts, a limit on the size, and no redirects.
"""

from __future__ import annotations

import hashlib
import json
import time
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse

from portal.people.company.identity_token import Claims, Expected, verify
from portal.people.company.refusals import SignInRefused

TIMEOUT_SECONDS = (3.05, 5)  # to connect, and between bytes
DEADLINE_SECONDS = 10
MAX_BYTES = 1_000_000
DISCOVERY_SECONDS = 300
DISCOVERY_PATH = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL_ENDPOINTS = ("userinfo_endpoint", "end_session_endpoint")


class BoundedSession(requests.Session):
    """Follows no redirects, and reads at most MAX_BYTES of a response, within DEADLINE_SECONDS."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        options |= {"timeout": TIMEOUT_SECONDS, "allow_redirects": False, "stream": True}
        deadline = time.monotonic() + DEADLINE_SECONDS
        response = super().request(method, url, *args, **options)
        content = bytearray()
        while chunk := response.raw.read1(decode_content=True):
            content += chunk
            if len(content) > MAX_BYTES or time.monotonic() > deadline:
                response.close()
                raise requests.RequestException("The response is too large, or comes too slowly.")
        response.raw = BytesIO(content)
        return response


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def get_requests_session(self) -> BoundedSession:
        return BoundedSession()


class CompanyAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    def __init__(self, request: HttpRequest, provider: CompanyProvider) -> None:
        super().__init__(request, provider.app.provider_id)
        self._provider = provider

    def get_provider(self) -> CompanyProvider:
        return self._provider

    @property
    def openid_config(self) -> dict[str, Any]:
        return discovery()

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("company_callback"))


class CompanyProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """allauth's provider, set up by the settings alone."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, app=_app())

    def get_oauth2_adapter(self, request: HttpRequest) -> CompanyAdapter:
        return CompanyAdapter(request, self)

    def claims(self, code: str, verifier: str, nonce: str) -> Claims:
        """Exchange the code; returns the verified claims, completed by those of the userinfo endpoint."""
        client = self.get_oauth2_adapter(self.request).get_client(self.request, self.app)
        try:
            tokens = client.get_access_token(code, pkce_code_verifier=verifier)
        except (OAuth2Error, requests.RequestException, ValueError, KeyError, RecursionError) as error:
            raise SignInRefused("unreachable", str(error)[:300]) from error
        if not isinstance(tokens.get("id_token"), str):
            raise SignInRefused("incomplete", "no ID token")
        config = discovery()
        expected = Expected(config["issuer"], self.app.client_id, nonce)
        claims = verify(tokens["id_token"], _fetch(config["jwks_uri"]), expected)
        return _completed(claims, config.get("userinfo_endpoint"), str(tokens["access_token"]))


def provider_key() -> str:
    """Names the issuer in stored links, so that subjects of another issuer are other people."""
    return f"oidc-{hashlib.sha256(settings.OIDC_ISSUER.encode()).hexdigest()[:16]}"


def discovery() -> dict[str, Any]:
    """The provider's discovery document; raises `SignInRefused`."""
    key = f"oidc-discovery-{provider_key()}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        found = _fetch(settings.OIDC_ISSUER.rstrip("/") + DISCOVERY_PATH)
        _check_discovery(found)
        cache.set(key, found, DISCOVERY_SECONDS)
    return found


def _check_discovery(document: dict[str, Any]) -> None:
    if document.get("issuer") != settings.OIDC_ISSUER:
        raise SignInRefused("issuer", f"the discovery document is of {document.get('issuer')!r}")
    scheme = urlsplit(settings.OIDC_ISSUER).scheme
    for name in (*ENDPOINTS, *OPTIONAL_ENDPOINTS):
        address = document.get(name)
        if address is None and name in OPTIONAL_ENDPOINTS:
            continue
        if not isinstance(address, str) or urlsplit(address).scheme not in {"https", scheme}:
            raise SignInRefused("unreachable", f"{name} is {address!r}")


def _fetch(address: str, **options: Any) -> dict[str, Any]:
    try:
        with BoundedSession() as session:
            response = session.get(address, **options)
        response.raise_for_status()
        document = json.loads(response.content)
    except (requests.RequestException, ValueError, RecursionError) as error:
        raise SignInRefused("unreachable", str(error)[:300]) from error
    if response.status_code != requests.codes.ok or not isinstance(document, dict):
        raise SignInRefused("unreachable", f"{address} answered {response.status_code}")
    return document


def _completed(claims: Claims, userinfo: str | None, access_token: str) -> Claims:
    """Asks the userinfo endpoint for what the token lacks; what it says of somebody else is refused."""
    wanted = {"email", settings.OIDC_GROUPS_CLAIM} if settings.OIDC_GROUPS else {"email"}
    if userinfo is None or wanted <= claims.keys():
        return claims
    more = _fetch(userinfo, headers={"Authorization": f"Bearer {access_token}"})
    if more.get("sub") != claims["sub"]:
        raise SignInRefused("subject")
    return {**more, **claims}


def _app() -> SocialApp:
    return SocialApp(
        provider=OpenIDConnectProvider.id,
        provider_id=provider_key(),
        name=settings.OIDC_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET,
        settings={
            "server_url": settings.OIDC_ISSUER,
            "oauth_pkce_enabled": True,
            "scope": ["openid", *(scope for scope in settings.OIDC_SCOPES if scope != "openid")],
        },
    )
