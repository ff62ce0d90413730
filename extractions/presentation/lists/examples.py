"""Searches by field that find something among the documents that the reader sees, as examples in the search box."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from extractions.models import Extraction, Value
from extractions.presentation.lists.listing import Listing
from extractions.result.field_labels import is_amount
from extractions.search.field_names import typed_name

DOCUMENTS, VALUES = 5, 300
SHORT = 24  # characters


def placeholder(listing: Listing) -> str:
    examples = _examples(listing)
    match examples:
        case [first, second]:
            return _("Words, or %(first)s or %(second)s") % {"first": first, "second": second}
        case [only]:
            return _("Words, or %(first)s") % {"first": only}
    return _("Words in the text or the name")


def _examples(listing: Listing) -> list[str]:
    """An amount that is exceeded, and a text, of the newest documents on the page."""
    shown = [row.pk for row in listing.rows if row.state == Extraction.State.EXTRACTED][:DOCUMENTS]
    if not shown:
        return []
    rows = Value.objects.filter(extraction__in=shown, removed=False, answer="").exclude(text="").exclude(name="")
    values = list(
        rows.order_by("-extraction", "position").only("path", "name", "text", "number", "date", "folded")[:VALUES]
    )
    largest = max((value for value in values if _is_sum(value)), key=lambda value: value.number or 0, default=None)
    schemas = listing.search_query.person_schemas
    amount = _above(largest, schemas) if largest else None
    text = next((_with_words(value, schemas) for value in values if _is_short_text(value)), None)
    return [example for example in (amount, text) if example]


def _is_sum(value: Value) -> bool:
    return value.number is not None and value.number > 1 and "[" not in value.path and is_amount(value.path, {})


def _above(value: Value, schemas: list[object]) -> str:
    """With a round number below the value: 1000 for 1284.50 and 100 for 1000."""
    below = Decimal(10) ** ((value.number or Decimal(10)).adjusted())
    return f"{typed_name(value.name, schemas)}>{below if below < (value.number or 0) else below / 10:f}"


def _is_short_text(value: Value) -> bool:
    is_text = value.number is None and value.date is None and value.text not in ("true", "false")
    return (
        is_text and len(value.text) <= SHORT and '"' not in value.text and "\n" not in value.text and bool(value.folded)
    )


def _with_words(value: Value, schemas: list[object]) -> str:
    text, name = " ".join(value.text.split()), typed_name(value.name, schemas)
    return f'{name}:"{text}"' if " " in text else f"{name}:{text}"
