"""Tokens of password reset links."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator


class ResetTokenGenerator(PasswordResetTokenGenerator):
    """Tokens are invalidated by a new password, a changed address, deactivation, or signing out everywhere."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        addresses = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
        account_state = (user.session_epoch, user.is_active, *sorted(addresses))
        return f"{super()._make_hash_value(user, timestamp)}{account_state}"
