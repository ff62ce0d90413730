"""Values that prove themselves: check digits, codes of a list, dates in their order, the schema's own demands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from stdnum import bic, iban
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret
from stdnum.util import get_cc_module

from extractions.evidence.alternatives import countries, country_codes, currencies
from extractions.evidence.fields import Field
from extractions.evidence.rules.record import EMPTY, Finding, Record, day_of
from extractions.evidence.spelling import code

EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]{2,}")
OTHER_VAT = {"CH": "uid", "NO": "mva", "GB": "vat"}
ORDERS = (("issued", "due"), ("start", "end"))
CHECKED = frozenset({"type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "const", "multipleOf"})


def findings(record: Record) -> Iterator[Finding]:
    for path, value in record.values.items():
        if value in EMPTY:
            continue
        of = record.field(path)
        yield from _by_schema(path, value, of)
        if isinstance(value, str):
            yield from _by_kind(path, value, of)
    yield from _orders(record)


def missing(record: Record, required: frozenset[str]) -> Iterator[Finding]:
    """Values that the schema demands and that are empty."""
    for path in sorted(required):
        if record.values.get(path) in EMPTY:
            yield Finding("required", (path,), path)


def _by_schema(path: str, value: Any, of: Field) -> Iterator[Finding]:
    """What the schema says of the value itself; only for what we know a sentence for."""
    schema = {name: demand for name, demand in of.schema.items() if name in CHECKED}
    if of.schema.get("format") == "date" and isinstance(value, str) and day_of(value) is None:
        yield Finding("date", (path,), path)
    if not schema:
        return
    try:
        errors = list(Draft202012Validator(schema).iter_errors(value))
    except (SchemaError, re.error, TypeError, ValueError):
        return  # a schema that makes no sense demands nothing
    for error in errors[:1]:
        yield Finding(_name(str(error.validator)), (path,), path, _params(error.validator, error.validator_value))


def _name(validator: str) -> str:
    return {"type": "type", "enum": "choice", "const": "choice"}.get(validator, "schema")


def _params(validator: object, demand: Any) -> Mapping[str, Any]:
    if validator == "enum":
        return {"choices": [str(one) for one in demand[:20]]}
    if validator == "type":
        kinds = demand if isinstance(demand, list) else [demand]
        return {"kind": next((str(kind) for kind in kinds if kind != "null"), "")}
    return {"demand": str(validator), "limit": str(demand)}


def _by_kind(path: str, value: str, of: Field) -> Iterator[Finding]:
    kind = of.means("codes")
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
    if "3166" in str(of.schema.get("description")) and "alpha-3" not in str(of.schema.get("description")):
        return code(text) not in country_codes() or len(text) != 2
    return False


def _orders(record: Record) -> Iterator[Finding]:
    days = record.days
    groups: list[dict[str, str]] = [record.single["dates"]]
    for first, second in ORDERS:
        for group in groups:
            one, other = group.get(first), group.get(second)
            if one and other and days[other] < days[one]:
                apart = (days[one] - days[other]).days
                yield Finding("order", (one, other), other, {"days": apart})
