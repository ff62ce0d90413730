"""The history of a document's fields, formatted for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from extractions.models import Change, Value
from extractions.presentation.review.reasons import label_in_words
from extractions.presentation.review.review_fields import written
from extractions.result.rows import RowEdits
from extractions.review.typed_values import kind_at


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    when: datetime
    who: str
    label: str
    what: str
    before: str
    after: str
    undone: bool


def entries_of(changes: Sequence[Change], schema: object, edits: RowEdits | None = None) -> list[ChangeEntry]:
    return [
        ChangeEntry(
            change.at,
            change.author.get_short_name() if change.author else _("Somebody"),
            label_in_words(change.path, schema, edits),
            str(change.get_kind_display()),
            _in_words(change.before, change.path, schema),
            _in_words(change.after, change.path, schema),
            change.undone_by_id is not None,
        )
        for change in changes
    ]


def _in_words(state: object, path: str, schema: object) -> str:
    if not isinstance(state, dict) or "value" not in state:
        return ""
    if state.get("answer"):
        return str(Value.Answer(state["answer"]).label)
    value = state["value"]
    return written(value, kind_at(schema, path, value)) or _("empty")
