"""What may be printed for a value that a schema gives as a code: € for EUR, France for FR, Facture for invoice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from extractions.evidence.fields import Field
from extractions.evidence.lexicon import choices
from reading.literals.countries import countries
from reading.literals.money import currencies
from reading.normalization import alphanumeric, words_of


def alternatives(value: object, of: Field) -> Iterator[str]:
    """Other ways to print the value, the likelier first."""
    if not isinstance(value, str) or len(value) > 60:
        return
    kind = of.means("codes")
    if len(value) == 3 and value.isupper() and (kind == "currency" or value in currencies()):
        yield from currencies().get(value, ())
    if len(value) in {2, 3} and kind == "country":
        yield from countries().get(value.upper(), ())
    if kind in {"iban", "vat_id"} and value[:2].isalpha():
        yield value[2:]
    if of.choices or "_" in value:
        yield from _choice(value)


def _choice(value: str) -> Iterator[str]:
    words = words_of(value)
    spoken = " ".join(words)
    if spoken != value:
        yield spoken
    yield from choices().get(spoken, ())


def has_sign(text: str) -> bool:
    """Whether the text has to stand as it is: "US$" is more than its letters."""
    return len(alphanumeric(text)) < 3 and any(unicodedata.category(char)[0] in "SP" for char in text)
