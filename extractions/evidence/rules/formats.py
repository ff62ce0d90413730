"""Values that prove themselves: check digits, codes of a list, dates in their order, the schema's own demands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from stdnum import bic, iban
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret
from stdnum.util import get_cc_module

from extractions.evidence.fields import Field
from extractions.evidence.rules.budget import Budget, Exhausted
from extractions.evidence.rules.demands import broken_demands
from extractions.evidence.rules.evaluation import LETTERS_PER_STEP
from extractions.evidence.rules.pattern import PatternError, contains, cost
from extractions.evidence.rules.record import EMPTY, UNJUDGED, Finding, Record, day_of
from extractions.result.numbers import is_usable
from extractions.result.paths import general_path
from reading.literals.countries import countries
from reading.literals.money import currencies

EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]{2,}")
OTHER_VAT = {"CH": "uid", "NO": "mva", "GB": "vat"}
ORDERS = (("issued", "due"), ("start", "end"))
NAMES = {"type": "type", "enum": "choice", "const": "choice"}
LONGEST_LIMIT = 300
CHECK_DIGITS = frozenset({"iban", "bic", "siren", "siret", "vat_id"})
LONGEST_CODE = 100


def findings(record: Record, budget: Budget) -> Iterator[Finding]:
    unjudged: dict[str, Finding] = {}
    for path, value in record.values.items():
        if value in EMPTY:
            continue
        of = record.field(path)
        try:
            yield from _by_schema(path, value, of, budget)
        except (PatternError, Exhausted) as error:
            pattern = str(of.schema.get("pattern"))
            code = error.code if isinstance(error, PatternError) else "heavy"
            params = {"text": general_path(path), "code": code, "part": pattern}
            unjudged.setdefault(general_path(path), Finding(UNJUDGED, (), "", params))
        if isinstance(value, str):
            yield from _by_kind(path, value, of)
    yield from _orders(record)
    yield from unjudged.values()


def missing(record: Record, required: frozenset[str]) -> Iterator[Finding]:
    """Values that the schema demands and that are empty."""
    for path in sorted(required):
        if record.values.get(path) in EMPTY:
            yield Finding("required", (path,), path)


def _by_schema(path: str, value: object, of: Field, budget: Budget) -> Iterator[Finding]:
    """What the schema says of the value itself; only for what we know a sentence for."""
    if of.schema.get("format") == "date" and isinstance(value, str) and day_of(value) is None:
        yield Finding("date", (path,), path)
    if isinstance(value, int | float) and not isinstance(value, bool) and not is_usable(value):
        yield Finding("type", (path,), path, {"kind": "number"})
        return
    broken = next(broken_demands(of.schema, value), None) or _broken_pattern(of.schema, value, budget)
    if broken:
        yield Finding(NAMES.get(broken, "schema"), (path,), path, _params(broken, of.schema[broken]))


def _broken_pattern(schema: Mapping[str, object], value: object, budget: Budget) -> str | None:
    pattern = schema.get("pattern")
    if not isinstance(pattern, str) or not isinstance(value, str):
        return None
    budget.next_rule()
    budget.spend(cost(pattern) + len(value) // LETTERS_PER_STEP)
    return "pattern" if contains(pattern, value) is False else None


def _params(keyword: str, demand: Any) -> Mapping[str, Any]:
    if keyword in {"enum", "const"}:
        choices = demand if keyword == "enum" else [demand]
        return {"choices": [str(choice)[:LONGEST_LIMIT] for choice in choices[:20]]}
    if keyword == "type":
        kinds = demand if isinstance(demand, list) else [demand]
        return {"kind": next((str(kind) for kind in kinds if kind != "null"), "")}
    return {"demand": keyword, "limit": str(demand)[:LONGEST_LIMIT]}


def _by_kind(path: str, value: str, of: Field) -> Iterator[Finding]:
    kind = of.means("codes")
    if kind in CHECK_DIGITS and len(value) > LONGEST_CODE:
        yield Finding(kind, (path,), path)
        return
    wrong = {
        "iban": lambda: not iban.is_valid(value),
        "bic": lambda: not bic.is_valid(value),
        "siren": lambda: not siren.is_valid(value),
        "siret": lambda: not siret.is_valid(value),
        "vat_id": lambda: _wrong_vat(value),
        "currency": lambda: _wrong_currency(value, of),
        "country": lambda: _wrong_country(value, of),
        "email": lambda: EMAIL.fullmatch(value.strip()) is None,
    }.get(kind or "")
    if wrong is not None and wrong():
        yield Finding(kind or "", (path,), path)


def _wrong_vat(value: str) -> bool:
    """Only numbers of countries whose check digits are known can be wrong."""
    plain = re.sub(r"[^0-9A-Za-z]", "", value).upper()
    country = plain[:2]
    if not country.isalpha():
        return False
    try:
        if country in OTHER_VAT:
            module = _module(country)
            return module is not None and not module.is_valid(plain if country != "GB" else plain[2:])
        vat.validate(plain)
    except ValidationError:
        return country in {"EL", "GR"} or country.lower() in vat.MEMBER_STATES
    return False


@lru_cache(maxsize=8)
def _module(country: str) -> Any:
    return get_cc_module(country.lower(), OTHER_VAT[country])


def _wrong_currency(value: str, of: Field) -> bool:
    if re.fullmatch(r"[A-Z]{3}", value.strip()):
        return value.strip() not in currencies()
    return "4217" in str(of.schema.get("description")) or "4217" in of.name


def _wrong_country(value: str, of: Field) -> bool:
    text = value.strip()
    if re.fullmatch(r"[A-Za-z]{2}", text):
        return text.upper() not in countries()
    described = str(of.schema.get("description"))
    return "3166" in described and "alpha-3" not in described


def _orders(record: Record) -> Iterator[Finding]:
    days = record.days
    groups: list[dict[str, str]] = [record.single["dates"]]
    for first, second in ORDERS:
        for group in groups:
            one, other = group.get(first), group.get(second)
            if one and other and days[other] < days[one]:
                apart = (days[one] - days[other]).days
                yield Finding("order", (one, other), other, {"days": apart})
