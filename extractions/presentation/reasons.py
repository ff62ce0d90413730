"""Why a value breaks a rule, in a sentence that names the fields and the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.presentation.wording import label_of

MOST_CHOICES = 8
NO_LABELS: Mapping[str, str] = {}


def sentence(broken: Mapping[str, Any], labels: Mapping[str, str] = NO_LABELS) -> str:
    """For one entry of `Value.broken`. `labels` are the fields' names by path; missing ones are made from the path."""
    params = broken.get("params")
    told = params if isinstance(params, Mapping) else {}
    paths = [str(path) for path in broken.get("paths") or []]
    names = [labels.get(path) or _name(path) for path in paths] or [""]
    rule = str(broken.get("rule"))
    if rule in SUMS:
        return SUMS[rule](names, told)
    if rule in VALUES:
        return VALUES[rule](names[-1], told)
    return _("%(name)s breaks a rule.") % {"name": names[-1]}


def _name(path: str) -> str:
    """`lines[0].amount` is "Amount (row 1)"."""
    above, _dot, name = path.rpartition(".")
    label = label_of(name.partition("[")[0] or path, {})
    row = above.rpartition("[")[2].rstrip("]") if above.endswith("]") else ""
    return _("%(label)s (row %(row)d)") % {"label": label, "row": int(row) + 1} if row.isdigit() else label


def _total(names: Sequence[str], told: Mapping[str, Any]) -> str:
    return _(
        "%(subtotal)s and %(tax)s make %(wanted)s, but %(total)s is %(value)s: a difference of %(difference)s."
    ) % {"subtotal": names[0], "tax": names[1], "total": names[2], **_figures(told)}


def _due(names: Sequence[str], told: Mapping[str, Any]) -> str:
    return _("%(total)s less %(paid)s makes %(wanted)s, but %(due)s is %(value)s: a difference of %(difference)s.") % {
        "total": names[0],
        "paid": names[1],
        "due": names[2],
        **_figures(told),
    }


def _rate(names: Sequence[str], told: Mapping[str, Any]) -> str:
    return _("%(base)s at the %(rate)s makes %(wanted)s, but %(tax)s is %(value)s: a difference of %(difference)s.") % {
        "base": names[0],
        "rate": names[1],
        "tax": names[2],
        **_figures(told),
    }


def _line(names: Sequence[str], told: Mapping[str, Any]) -> str:
    return _(
        "%(quantity)s times %(price)s makes %(wanted)s, but %(amount)s is %(value)s: a difference of %(difference)s."
    ) % {"quantity": names[0], "price": names[1], "amount": names[2], **_figures(told)}


def _sum(names: Sequence[str], told: Mapping[str, Any]) -> str:
    count = len(names) - 1
    return ngettext(
        "The one row makes %(wanted)s, but %(total)s is %(value)s: a difference of %(difference)s.",
        "The %(count)d rows make %(wanted)s together, but %(total)s is %(value)s: a difference of %(difference)s.",
        count,
    ) % {"count": count, "total": names[-1], **_figures(told)}


def _figures(told: Mapping[str, Any]) -> dict[str, str]:
    wanted, difference, value = (_written(_decimal(told.get(name))) for name in ("wanted", "difference", "value"))
    return {"wanted": wanted, "value": value, "difference": difference}


def _decimal(text: Any) -> Decimal:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return Decimal(0)


def _written(number: Decimal) -> str:
    exponent = number.normalize().as_tuple().exponent
    decimals = max(2, -exponent if isinstance(exponent, int) else 0)
    return str(number_format(number, decimals, use_l10n=True, force_grouping=True))


def _order(names: Sequence[str], told: Mapping[str, Any]) -> str:
    days = int(told.get("days") or 0)
    return ngettext(
        "%(second)s is %(days)d day before %(first)s.", "%(second)s is %(days)d days before %(first)s.", days
    ) % {"first": names[0], "second": names[-1], "days": days}


def _check_digits(name: str, told: Mapping[str, Any]) -> str:
    return _("The check digits of %(name)s do not fit: a character is wrong or missing.") % {"name": name}


def _currency(name: str, told: Mapping[str, Any]) -> str:
    return _("%(name)s is no currency code such as EUR or USD.") % {"name": name}


def _country(name: str, told: Mapping[str, Any]) -> str:
    return _("%(name)s is no country code such as FR or DE.") % {"name": name}


def _email(name: str, told: Mapping[str, Any]) -> str:
    return _("%(name)s is no e-mail address.") % {"name": name}


def _date(name: str, told: Mapping[str, Any]) -> str:
    return _("%(name)s is no date of the calendar.") % {"name": name}


def _required(name: str, told: Mapping[str, Any]) -> str:
    return _("The schema asks for %(name)s, and it is empty.") % {"name": name}


def _choice(name: str, told: Mapping[str, Any]) -> str:
    choices = [str(one) for one in told.get("choices") or []]
    shown = ", ".join(choices[:MOST_CHOICES]) + (" …" if len(choices) > MOST_CHOICES else "")
    return _("%(name)s is none of the schema's choices: %(choices)s.") % {"name": name, "choices": shown}


def _type(name: str, told: Mapping[str, Any]) -> str:
    kinds = {
        "number": _("a number"),
        "integer": _("a whole number"),
        "boolean": _("yes or no"),
        "string": _("a text"),
    }
    kind = str(told.get("kind"))
    return _("The schema wants %(name)s to be %(kind)s.") % {"name": name, "kind": kinds.get(kind, kind)}


def _schema(name: str, told: Mapping[str, Any]) -> str:
    limit = {"limit": told.get("limit"), "name": name}
    match told.get("demand"):
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


def _own(names: Sequence[str], told: Mapping[str, Any]) -> str:
    """The words of whoever wrote the rule, else the rule itself."""
    return str(told.get("message") or "") or _("The rule “%(rule)s” does not hold.") % {"rule": told.get("text", "")}


Told = Mapping[str, Any]
SUMS: dict[str, Callable[[Sequence[str], Told], str]] = {
    "total": _total,
    "due": _due,
    "rate": _rate,
    "line": _line,
    "lines": _sum,
    "taxes": _sum,
    "order": _order,
    "own": _own,
}
VALUES: dict[str, Callable[[str, Told], str]] = {
    "iban": _check_digits,
    "bic": lambda name, told: _("%(name)s is no BIC.") % {"name": name},
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
