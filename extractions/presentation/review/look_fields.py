"""The fields of a blind second look: what was extracted and where it stands, without marks, badges or reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractions.models import Extraction, Value
from extractions.presentation.document.wording import is_amount
from extractions.presentation.review.column_review import label
from extractions.presentation.review.reasons import label_in_words
from extractions.presentation.review.review_fields import written
from extractions.review.second_looks import Judgement
from extractions.review.typed_values import Kind, NotThatKind, kind_at, read
from extractions.verification.review_status import current


@dataclass(slots=True)
class LookField:
    value: Value
    label: str
    kind: Kind
    text: str
    """As it is shown, or as the person typed it."""
    answer: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        return f"value:{self.value.path}"

    @property
    def answer_name(self) -> str:
        return f"answer:{self.value.path}"

    @property
    def located(self) -> bool:
        return bool(self.value.page and self.value.boxes)


def look_fields(extraction: Extraction, values: Sequence[Value]) -> list[LookField]:
    schema = extraction.schema.schema if extraction.schema else None
    fields = []
    for value in values:
        kind = kind_at(schema, value.path, value.extracted)
        text = written(current(value), kind, money=is_amount(value.path, {}))
        name = label_in_words(value.path, schema) if "[" in value.path else label(schema, value.path)
        fields.append(LookField(value, name, kind, text))
    return fields


def read_look(posted: Mapping[str, str], fields: Sequence[LookField]) -> dict[str, Judgement] | None:
    """What the person typed, by path; None, with errors on the fields, if something cannot be read."""
    found: dict[str, Judgement] = {}
    for item in fields:
        answer, shown = posted.get(item.answer_name, ""), item.text
        item.answer = answer if answer in Value.Answer.values else ""
        item.text = posted.get(item.name, shown).replace("\r\n", "\n")
        if item.answer:
            found[item.value.path] = None, item.answer
        elif item.text.strip() == shown.strip():
            # Not read again: what is shown may be rounded.
            found[item.value.path] = current(item.value), ""
        else:
            try:
                found[item.value.path] = read(item.text, item.kind), ""
            except NotThatKind as refused:
                item.error = str(refused)
    return None if any(item.error for item in fields) else found
