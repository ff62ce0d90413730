"""All waiting times of forwarding pass through here, so that tests can live through days in minutes."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

USUAL_SETTLING = 120.0


def scaled(seconds: float) -> float:
    return float(seconds * settings.FORWARDING_TIME_SCALE)


def span(seconds: float) -> timedelta:
    return timedelta(seconds=scaled(seconds))


def hours(number: float) -> timedelta:
    return span(number * 3600)


def settling() -> timedelta:
    """How long after a hand-over the service may still not show the document."""
    return span(settings.SETTLING_SECONDS)


def look_gap(seconds: float) -> timedelta:
    """A gap between looks; it stretches with the settling time."""
    return span(seconds * settings.SETTLING_SECONDS / USUAL_SETTLING)
