"""Describes the outcome of a connection test."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from extractions.models import Connection


@dataclass(frozen=True, slots=True)
class Outcome:
    sentence: str
    works: bool = False
    detail: str = ""
    """The service's own words."""


def outcome_of(connection: Connection) -> Outcome | None:
    """The outcome; None if never tested, or while a test is pending."""
    if connection.checked_at is None or connection.check_pending:
        return None
    if not connection.check_outcome:
        return Outcome(_("The service answers, and accepts the key."), works=True)
    sentences = {
        "key_refused": _("The service answers, but refuses the key."),
        "wrong_address": _("What answers at this address is not the extraction service."),
        "corrupt": _("What answers at this address is not the extraction service."),
        "rate": _("The service answers, and asks us to slow down."),
        "key_lost": _("The stored key cannot be read, because the portal's secret has changed. Enter the key again."),
    }
    words = sentences.get(connection.check_outcome, _("The service does not answer."))
    return Outcome(words, detail=connection.check_detail)
