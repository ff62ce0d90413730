"""Explains rule violations in sentences that name the fields and the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.presentation.document.wording import label_of
from extractions.result.numbers import decimal_of
from extractions.result.paths import names_of
from extractions.result.rows import RowEdits
from extractions.result.schema import WRAPPED, schema_at

MAX_CHOICES = 8
NO_LABELS: Mapping[str, str] = {}
Params = Mapping[str, Any]


def sentence(broken: Mapping[str, Any], labels: Mapping[str, str] = NO_LABELS, edits: RowEdits | None = None) -> str:
    """Explain one entry of `Value.broken`. `labels` are names by path; missing ones are derived from the path."""
    raw = broken.get("params")
    params = raw if isinstance(raw, Mapping) else {}
    paths = [str(path) for path in broken.get("paths") or []]
    names = [labels.get(path) or label_in_words(path, edits=edits) for path in paths] or [""]
    rule = str(broken.get("rule"))
    if rule in SUMS:
        return SUMS[rule](names, params)
    if rule in VALUES:
        return VALUES[rule](names[-1], params)
    return _("%(name)s breaks a rule.") % {"name": names[-1]}


def label_in_words(path: str, schema: object = None, edits: RowEdits | None = None) -> str:
    """`lines[0].amount` is "Amount (row 1)", with the row's current number."""
    names = names_of(path.removesuffix(f".{WRAPPED}"))
    label = label_of(names[-1] if names else path, schema_at(schema, path))
    edits = edits or RowEdits()
    number = edits.row_number(path)
    if number is None:
        return _("%(label)s (a row that was taken out)") % {"label": label} if edits.is_removed(path) else label
    return _("%(label)s (row %(row)d)") % {"label": label, "row": number}


def _total(names: Sequence[str], params: Params) -> str:
    return _(
        "%(subtotal)s and %(tax)s make %(wanted)s, but %(total)s is %(value)s: a difference of %(difference)s."
    ) % {"subtotal": names[0], "tax": names[1], "total": names[2], **_figures(params)}


def _due(names: Sequence[str], params: Params) -> str:
    return _("%(total)s less %(paid)s makes %(wanted)s, but %(due)s is %(value)s: a difference of %(difference)s.") % {
        "total": names[0],
        "paid": names[1],
        "due": names[2],
        **_figures(params),
    }


def _rate(names: Sequence[str], params: Params) -> str:
    return _("%(base)s at the %(rate)s makes %(wanted)s, but %(tax)s is %(value)s: a difference of %(difference)s.") % {
        "base": names[0],
        "rate": names[1],
        "tax": names[2],
        **_figures(params),
    }


def _line(names: Sequence[str], params: Params) -> str:
    return _(
        "%(quantity)s times %(price)s makes %(wanted)s, but %(amount)s is %(value)s: a difference of %(difference)s."
    ) % {"quantity": names[0], "price": names[1], "amount": names[2], **_figures(params)}


def _sum(names: Sequence[str], params: Params) -> str:
    count = len(names) - 1
    return ngettext(
        "The one row makes %(wanted)s, but %(total)s is %(value)s: a difference of %(difference)s.",
        "The %(count)d rows make %(wanted)s together, but %(total)s is %(value)s: a difference of %(difference)s.",
        count,
    ) % {"count": count, "total": names[-1], **_figures(params)}


def _figures(params: Params) -> dict[str, str]:
    wanted, difference, value = (_written(_decimal(params.get(name))) for name in ("wanted", "difference", "value"))
    return {"wanted": wanted, "value": value, "difference": difference}


def _decimal(text: object) -> Decimal:
    return decimal_of(text) or Decimal(0)


def _written(number: Decimal) -> str:
    exponent = number.normalize().as_tuple().exponent
    decimals = max(2, -exponent if isinstance(exponent, int) else 0)
    return str(number_format(number, decimals, use_l10n=True, force_grouping=True))


def _order(names: Sequence[str], params: Params) -> str:
    days = int(params.get("days") or 0)
    return ngettext(
        "%(second)s is %(days)d day before %(first)s.", "%(second)s is %(days)d days before %(first)s.", days
    ) % {"first": names[0], "second": names[-1], "days": days}


def _check_digits(name: str, params: Params) -> str:
    return _("The check digits of %(name)s do not fit: a character is wrong or missing.") % {"name": name}


def _currency(name: str, params: Params) -> str:
    return _("%(name)s is no currency code such as EUR or USD.") % {"name": name}


def _country(name: str, params: Params) -> str:
    return _("%(name)s is no country code such as FR or DE.") % {"name": name}


def _email(name: str, params: Params) -> str:
    return _("%(name)s is no e-mail address.") % {"name": name}


def _date(name: str, params: Params) -> str:
    return _("%(name)s is no date of the calendar.") % {"name": name}


def _required(name: str, params: Params) -> str:
    return _("The schema asks for %(name)s, and it is empty.") % {"name": name}


def _choice(name: str, params: Params) -> str:
    choices = [str(item) for item in params.get("choices") or []]
    shown = ", ".join(choices[:MAX_CHOICES]) + (" …" if len(choices) > MAX_CHOICES else "")
    return _("%(name)s is none of the schema's choices: %(choices)s.") % {"name": name, "choices": shown}


def _type(name: str, params: Params) -> str:
    kinds = {
        "number": _("a number"),
        "integer": _("a whole number"),
        "boolean": _("yes or no"),
        "string": _("a text"),
    }
    kind = str(params.get("kind"))
    return _("The schema wants %(name)s to be %(kind)s.") % {"name": name, "kind": kinds.get(kind, kind)}


def _schema(name: str, params: Params) -> str:
    limit = {"limit": params.get("limit"), "name": name}
    match params.get("demand"):
        case "minimum":
            return _("%(name)s is below %(limit)s, the least that the schema allows.") % limit
        case "maximum":
            return _("%(name)s is above %(limit)s, the most that the schema allows.") % limit
        case "minLength":
            return _("%(name)s is shorter than the schema allows (%(limit)s characters).") % limit
        case "maxLength":
            return _("%(name)s is longer than the schema allows (%(limit)s characters).") % limit
        case "pattern":
            return _("%(name)s does not have the form that the schema asks for: %(limit)s.") % limit
    return _("%(name)s is not what the schema allows.") % limit


def _own(names: Sequence[str], params: Params) -> str:
    """The rule's own message, else its text."""
    return str(params.get("message") or "") or _("The rule “%(rule)s” does not hold.") % {
        "rule": params.get("text", "")
    }


SUMS: dict[str, Callable[[Sequence[str], Params], str]] = {
    "total": _total,
    "due": _due,
    "rate": _rate,
    "line": _line,
    "lines": _sum,
    "taxes": _sum,
    "order": _order,
    "own": _own,
}
VALUES: dict[str, Callable[[str, Params], str]] = {
    "iban": _check_digits,
    "bic": lambda name, params: _("%(name)s is no BIC.") % {"name": name},
    "vat_id": _check_digits,
    "siren": _check_digits,
    "siret": _check_digits,
    "currency": _currency,
    "country": _country,
    "email": _email,
    "date": _date,
    "required": _required,
    "choice": _choice,
    "type": _type,
    "schema": _schema,
}
