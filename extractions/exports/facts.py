"""What every export says of a document: for people in words and their own time, for programs as it is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from extractions.exports.reading import FACTS, Document
from extractions.models import Extraction

MOMENTS = frozenset({"received", "finished"})
KEY = FACTS.index("key")


def headings(*, people: bool) -> list[str]:
    """For people the key, which tells them nothing, comes last, and headings of times name their zone."""
    if not people:
        return [*FACTS]
    zone = timezone.get_current_timezone_name()
    words = {
        "key": _("Document ID"),
        "document": _("Document"),
        "team": _("Team"),
        "state": _("State"),
        "review": _("Review"),
        "schema": _("Schema"),
        "classifier": _("Classifier"),
        "classified_as": _("Classified as"),
        "server": _("Server"),
        "from": _("From"),
        "received": f"{_('Received')} ({zone})",
        "finished": f"{pgettext('documents', 'Finished')} ({zone})",
        "pages": _("Pages"),
        "seconds": _("Took (seconds)"),
        "credits": _("Credits"),
        "metadata": _("Metadata"),
    }
    return _reordered([words[name] for name in FACTS])


def facts_of(document: Document, zone: tzinfo, *, people: bool) -> list[Any]:
    """In the order of the headings. Moments are in this zone, for people as datetimes without it."""
    facts = dict(zip(FACTS, document.facts, strict=True))
    for name in MOMENTS:
        moment: datetime | None = facts[name]
        if moment is not None:
            local = moment.astimezone(zone)
            facts[name] = local.replace(tzinfo=None, microsecond=0) if people else local.isoformat(timespec="seconds")
    pairs: dict[str, object] = facts["metadata"] or {}
    if not people:
        facts["metadata"] = json.dumps(pairs, ensure_ascii=False) if pairs else ""
        return list(facts.values())
    facts["metadata"] = "; ".join(f"{name}: {value}" for name, value in pairs.items())
    facts["state"] = str(Extraction.State(facts["state"]).label)
    facts["review"] = str(Extraction.Review(facts["review"]).label) if facts["review"] else ""
    facts["key"] = str(facts["key"])
    return _reordered(list(facts.values()))


def _reordered(facts: Sequence[Any]) -> list[Any]:
    return [*facts[:KEY], *facts[KEY + 1 :], facts[KEY]]
