"""Parses what a person typed into the type that the schema declares. Pure: text in, JSON value or sentence out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import get_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.result.schema import kind_of, schema_at
from reading.literals.dates import meant_dates
from reading.literals.numbers import decimal_readings
from reading.vocabulary import section

LONGEST = 20_000
MAX_DIGITS = 30
MAX_QUOTED = 60
AROUND = re.compile(r"^[^\w+\-−(.,]+|[^\w).,]+$")
CURRENCY = re.compile(r"^[A-Z]{3}\b|\b[A-Z]{3}$|[€$£¥%]")
ANSWERS = section("choices", "answers")
YES = {*ANSWERS["yes"], *ANSWERS["short_yes"], "1", "x"}
NO = {*ANSWERS["no"], "n", "0"}


class NotThatKind(ValueError):
    """The text does not parse as that kind. The message is shown beside the field."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a field: text, number, integer, boolean, date or choice, with values and their descriptions."""

    name: str
    choices: tuple[tuple[str, str], ...] = ()


def kind_at(schema: object, path: str, sample: object = None) -> Kind:
    """The kind that the schema declares at the path; without one, the kind of the sample value."""
    of = schema_at(schema, path)
    options: object = of.get("enum")
    if isinstance(options, list):
        said = of.get("context:descriptions")
        words = said if isinstance(said, list) else []
        texts = [str(option) for option in options if option is not None]
        descriptions = [str(word or "") for word in words] + [""] * len(texts)
        return Kind("choice", tuple(zip(texts, descriptions, strict=False)))
    name = kind_of(of)
    if name == "string":
        return Kind("date" if of.get("format") == "date" else "text")
    if name in {"number", "integer", "boolean"}:
        return Kind(name)
    match sample:
        case bool():
            return Kind("boolean")
        case int() | float():
            return Kind("number")
    return Kind("text")


def read(text: str, kind: Kind) -> object:
    """The JSON value; None for blank text. Raises `NotThatKind`."""
    text = text.strip()
    if not text:
        return None
    if len(text) > LONGEST:
        raise NotThatKind(_("This is longer than %(count)d characters.") % {"count": LONGEST})
    match kind.name:
        case "number" | "integer":
            return _number(text, integral=kind.name == "integer")
        case "date":
            return _day(text)
        case "boolean":
            return _yes_or_no(text)
        case "choice":
            return _choice(text, kind)
    return text


def _number(text: str, *, integral: bool) -> int | float:
    bare = AROUND.sub("", CURRENCY.sub("", text.strip()).strip())
    negative = bare.startswith(("-", "−", "(")) or text.endswith("-")
    digits = bare.strip("+-−() ")
    if not re.fullmatch(r"[\d\s.,'’\u00a0\u202f]+", digits) or not re.search(r"\d", digits):
        raise _not_a_number(text)
    if sum(digit.isdigit() for digit in digits) > MAX_DIGITS:
        raise NotThatKind(_("This number has more than %(count)d digits.") % {"count": MAX_DIGITS})
    options = decimal_readings(re.sub(r"[\s'’\u00a0\u202f]", "", digits))
    if not options:
        raise _not_a_number(text)
    found = options[0]
    if len(options) > 1:
        # "1,234" is ambiguous: read it by the decimal separator of the reader's language.
        mark = "," if "," in digits else "."
        found = next(
            (option for option in options if (option % 1 != 0) == (mark == get_format("DECIMAL_SEPARATOR"))), found
        )
    if negative:
        found = -found
    if integral and found % 1:
        raise NotThatKind(_("This field takes whole numbers only."))
    if found == found.to_integral_value():
        return int(found)
    if Decimal(str(float(found))) != found:
        raise NotThatKind(_("“%(text)s” has more digits than can be kept exactly.") % {"text": _cut(text)})
    return float(found)


def _not_a_number(text: str) -> NotThatKind:
    example = number_format(Decimal("1234.5"), 2, force_grouping=True)
    sentence = _("“%(text)s” is not a number. Write it like %(example)s.")
    return NotThatKind(sentence % {"text": _cut(text), "example": example})


def _day(text: str) -> str:
    options = meant_dates(text)
    if not options:
        sentence = _("“%(text)s” is not a date. Write it like 2026-11-30 or 30 Nov 2026.")
        raise NotThatKind(sentence % {"text": _cut(text)})
    return options[0].isoformat()


def _cut(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


def _yes_or_no(text: str) -> bool:
    folded = text.casefold()
    if folded in YES or folded == _("Yes").casefold():
        return True
    if folded in NO or folded == _("No").casefold():
        return False
    raise NotThatKind(_("This field takes yes or no."))


def _choice(text: str, kind: Kind) -> str:
    folded = text.casefold()
    exact = [choice for choice, _description in kind.choices if choice.casefold() == folded]
    prefixed = [choice for choice, _description in kind.choices if choice.casefold().startswith(folded)]
    if exact or len(prefixed) == 1:
        return (exact or prefixed)[0]
    names = [choice for choice, _description in kind.choices]
    sentence = ngettext("This field takes %(names)s only.", "This field takes one of: %(names)s.", len(names))
    raise NotThatKind(sentence % {"names": ", ".join(names[:8]) + ("…" if len(names) > 8 else "")})
