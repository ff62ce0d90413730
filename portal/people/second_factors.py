"""Second factors: required by a setting, their secrets encrypted as those of connections (portal/sealing.py)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.people.models import User
from portal.sealing import Unreadable, reseal, seal, unseal
from portal.sessions import came_by_company

logger = logging.getLogger(__name__)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """An unreadable secret is replaced by a random one, so that no code matches, not even an empty one."""
        try:
            return unseal(encrypted_text)
        except Unreadable:
            logger.error("A second factor cannot be read: its key is in neither SEALING_KEYS nor SECRET_KEY.")  # noqa: TRY400
            return str(generate_totp_secret())


class SecondFactorMiddleware:
    """With SECOND_FACTOR_REQUIRED, leads whoever has none to the page where it is set up. Sign-ins by the company's
    account are left to its provider."""

    OPEN = ("account_reauthenticate", "account_logout", "set_language", "theme")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR_REQUIRED and self._lacks_one(request):
            if "HX-Request" in request.headers:
                return HttpResponse(status=204, headers={"HX-Redirect": reverse("mfa_index")})
            return redirect("mfa_index")
        return self.get_response(request)

    def _lacks_one(self, request: HttpRequest) -> bool:
        if not isinstance(request.user, User) or came_by_company(request.session):
            return False
        path = request.path
        if path.startswith(reverse("mfa_index")) or path in {reverse(name) for name in self.OPEN}:
            return False
        factors = Authenticator.objects.filter(user=request.user).exclude(type=Authenticator.Type.RECOVERY_CODES)
        return not factors.exists()


def reseal_all() -> int:
    """Re-encrypt every secret with the newest key; returns their number. Unreadable ones are left unchanged."""
    count = 0
    for authenticator in Authenticator.objects.iterator():
        try:
            data = with_secrets(authenticator.data, reseal)
        except Unreadable:
            logger.error("The second factor %d cannot be read, and stays as it is.", authenticator.pk)  # noqa: TRY400
            continue
        if data != authenticator.data:
            # Compare and swap: a recovery code may have been used in between; the next run retries the row.
            rows = Authenticator.objects.filter(pk=authenticator.pk, data=authenticator.data)
            count += rows.update(data=data)
    return count


def with_secrets(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The data of an authenticator with `change` applied to each secret; passkeys hold public keys only."""
    changed = dict(data)
    for name in ("secret", "seed"):
        if isinstance(changed.get(name), str):
            changed[name] = change(changed[name])
    if isinstance(changed.get("migrated_codes"), list):
        changed["migrated_codes"] = [change(code) for code in changed["migrated_codes"]]
    return changed
