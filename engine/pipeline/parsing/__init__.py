"""PARSING: from pages and a schema to the values that the schema asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reading.document import Page

from .context import month_first, with_context
from .fields import read_schema
from .fill import Filler
from .sheet import Span


@dataclass(frozen=True, slots=True)
class Parsed:
    """The data in the shape of the schema, and the words that each value was read from, by the path of the value."""

    data: Any
    places: Mapping[str, list[Span]]


def parse(pages: Sequence[Page], schema: Mapping[str, Any], context: str = "") -> Parsed:
    """`context` is what the schema's owner says about the documents, as plain text."""
    root = with_context(read_schema(schema), context)
    filler = Filler(pages, root, month_first(context))
    filler.form.give(root)
    data = filler.fill(root)
    return Parsed(data, filler.places)
