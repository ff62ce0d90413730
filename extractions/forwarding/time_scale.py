"""Every delay in forwarding is scaled here, so that tests can run days in minutes (FORWARDING_TIME_SCALE)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

DEFAULT_SETTLING_SECONDS = 120.0


def scaled(seconds: float) -> float:
    return float(seconds * settings.FORWARDING_TIME_SCALE)


def span(seconds: float) -> timedelta:
    return timedelta(seconds=scaled(seconds))


def hours(number: float) -> timedelta:
    return span(number * 3600)


def settling() -> timedelta:
    """How long after a hand-over the service's search may not show the document yet."""
    return span(settings.SETTLING_SECONDS)


def search_gap(seconds: float) -> timedelta:
    """A gap between searches, stretched in proportion to SETTLING_SECONDS."""
    return span(seconds * settings.SETTLING_SECONDS / DEFAULT_SETTLING_SECONDS)
