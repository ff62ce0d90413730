"""Encrypts the secrets of second factors, as those of API connections (portal/sealing.py)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret

from portal.sealing import Unreadable, reseal, seal, unseal

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
