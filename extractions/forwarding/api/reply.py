"""A response of the service, read whole."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import requests
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: requests.structures.CaseInsensitiveDict[str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """`Retry-After` in seconds, whether sent as a number or as a date."""
        value = self.headers.get("Retry-After", "").strip()
        if value.isdecimal():
            return float(value[:9])
        try:
            return max(0.0, (parsedate_to_datetime(value) - timezone.now()).total_seconds())
        except (ValueError, TypeError):
            return None
