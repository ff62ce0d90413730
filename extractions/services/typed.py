"""What a person typed, as the value that the schema asks for. Pure: text in, JSON value out, or a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.evidence import days, figures

LONGEST = 20_000
STEPS = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
AROUND = re.compile(r"^[^\w+\-−(.,]+|[^\w).,]+$")
CURRENCY = re.compile(r"^[A-Z]{3}\b|\b[A-Z]{3}$|[€$£¥%]")
YES = {"yes", "y", "true", "1", "x", "oui", "o", "vrai", "ja"}
NO = {"no", "n", "false", "0", "non", "faux", "nein"}


class NotThatKind(ValueError):
    """Its text is the sentence beside the field."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field takes: text, number, integer, boolean, date or choice."""

    name: str
    choices: tuple[tuple[str, str], ...] = ()


def schema_at(schema: Any, path: str) -> Mapping[str, Any]:
    """The part of the schema that describes this path; empty where it tells nothing."""
    of: Any = schema
    for name, index in STEPS.findall(path):
        inner = of.get("items") if index and isinstance(of, Mapping) else None
        if name and isinstance(of, Mapping):
            properties = of.get("properties")
            inner = properties.get(name) if isinstance(properties, Mapping) else None
        of = inner
    return of if isinstance(of, Mapping) else {}


def kind_at(schema: Any, path: str, sample: Any = None) -> Kind:
    """By the schema; where that is silent, by the value that is there."""
    of = schema_at(schema, path)
    options: Any = of.get("enum")
    if isinstance(options, list):
        said = of.get("context:descriptions")
        words = said if isinstance(said, list) else []
        texts = [str(option) for option in options if option is not None]
        descriptions = [str(word or "") for word in words] + [""] * len(texts)
        return Kind("choice", tuple(zip(texts, descriptions, strict=False)))
    told: Any = of.get("type")
    kinds = told if isinstance(told, list) else [told]
    name = next((str(kind) for kind in kinds if kind not in {None, "null"}), "")
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


def read(text: str, kind: Kind) -> Any:
    """None for an empty text."""
    text = text.strip()
    if not text:
        return None
    if len(text) > LONGEST:
        raise NotThatKind(_("This is longer than %(count)d characters.") % {"count": LONGEST})
    match kind.name:
        case "number" | "integer":
            return _number(text, whole=kind.name == "integer")
        case "date":
            return _day(text)
        case "boolean":
            return _yes_or_no(text)
        case "choice":
            return _choice(text, kind)
    return text


def _number(text: str, *, whole: bool) -> int | float:
    bare = AROUND.sub("", CURRENCY.sub("", text.strip()).strip())
    negative = bare.startswith(("-", "−", "(")) or text.endswith("-")
    digits = bare.strip("+-−() ")
    if not re.fullmatch(r"[\d\s.,'’\u00a0\u202f]+", digits) or not re.search(r"\d", digits):
        raise NotThatKind(_("“%(text)s” is not a number.") % {"text": text})
    options = figures.readings(re.sub(r"[\s'’\u00a0\u202f]", "", digits))
    if not options:
        raise NotThatKind(_("“%(text)s” is not a number.") % {"text": text})
    found = options[0]
    if len(options) > 1:
        # "1,234" is read as the reader's own language writes it.
        mark = "," if "," in digits else "."
        found = next((one for one in options if (one % 1 != 0) == (mark == get_format("DECIMAL_SEPARATOR"))), found)
    if negative:
        found = -found
    if whole and found % 1:
        raise NotThatKind(_("This field takes whole numbers only."))
    return int(found) if found % 1 == 0 else float(found)


def _day(text: str) -> str:
    options = days.readings(text)
    if not options:
        raise NotThatKind(_("“%(text)s” is not a date. Write it like 2026-11-30 or 30 Nov 2026.") % {"text": text})
    return options[0].isoformat()


def _yes_or_no(text: str) -> bool:
    folded = text.casefold()
    if folded in YES or folded == _("Yes").casefold():
        return True
    if folded in NO or folded == _("No").casefold():
        return False
    raise NotThatKind(_("This field takes yes or no."))


def _choice(text: str, kind: Kind) -> str:
    folded = text.casefold()
    exact = [one for one, _word in kind.choices if one.casefold() == folded]
    begun = [one for one, _word in kind.choices if one.casefold().startswith(folded)]
    if exact or len(begun) == 1:
        return (exact or begun)[0]
    names = [one for one, _word in kind.choices]
    sentence = ngettext("This field takes %(names)s only.", "This field takes one of: %(names)s.", len(names))
    raise NotThatKind(sentence % {"names": ", ".join(names[:8]) + ("…" if len(names) > 8 else "")})
