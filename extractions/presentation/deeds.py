"""The history of fields in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from extractions.models import Change, Value
from extractions.presentation.reviewing import written
from extractions.presentation.wording import label_of
from extractions.services.typed import kind_at, schema_at


@dataclass(frozen=True, slots=True)
class Deed:
    when: datetime
    who: str
    label: str
    what: str
    before: str
    after: str
    undone: bool


def deeds_of(changes: Sequence[Change], schema: Any) -> list[Deed]:
    return [
        Deed(
            change.at,
            change.author.get_short_name() if change.author else _("Somebody"),
            label_of(change.path.rpartition(".")[2], schema_at(schema, change.path)),
            str(change.get_kind_display()),
            _in_words(change.before, change.path, schema),
            _in_words(change.after, change.path, schema),
            change.undone_by_id is not None,
        )
        for change in changes
    ]


def _in_words(state: Any, path: str, schema: Any) -> str:
    if not isinstance(state, dict) or "value" not in state:
        return ""
    if state.get("answer"):
        return str(Value.Answer(state["answer"]).label)
    value = state["value"]
    return written(value, kind_at(schema, path, value)) or _("empty")
