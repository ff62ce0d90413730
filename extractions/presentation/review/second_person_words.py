"""Texts about second approvals."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from extractions.models import Change, Extraction
from extractions.presentation.document.wording import label_of
from extractions.result.schema import schema_at


def second_badge(extraction: Extraction) -> str:
    """The badge; empty if one approval is enough."""
    if extraction.first_approved_by is not None:
        return _("second look, after %(who)s") % {"who": extraction.first_approved_by.get_short_name()}
    return _("two people") if extraction.second_wanted else ""


def withdrawal(change: Change | None, extraction: Extraction) -> str:
    """Why the first approval no longer counts; empty if none was withdrawn."""
    if change is None or not isinstance(change.before, dict):
        return ""
    path = str(change.before.get("field", ""))
    schema = extraction.schema.schema if extraction.schema else None
    words = {
        "who": change.author.get_short_name() if change.author else _("Somebody"),
        "first": change.before.get("approval", ""),
        "field": label_of(path.rpartition(".")[2].partition("[")[0], schema_at(schema, path)),
        "time": time_format(timezone.localtime(change.at), "H:i"),
    }
    if not path:
        return _("%(who)s withdrew the first approval at %(time)s.") % words
    return (
        _(
            "%(who)s changed “%(field)s” at %(time)s, after %(first)s had approved. That approval no longer counts; "
            "two people approve what stands here now."
        )
        % words
    )
