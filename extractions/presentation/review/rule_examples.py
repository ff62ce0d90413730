"""Example rules, written with the field names of a schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from extractions.evidence.fields import Fields
from extractions.result.paths import first_row_path
from extractions.result.schema import leaf_paths

# For schemas without recognized fields.
USUAL: Mapping[str, str] = {
    "total": "total",
    "subtotal": "subtotal",
    "tax": "tax",
    "row_amount": "lines[].amount",
    "row_quantity": "lines[].quantity",
    "issued": "invoice_date",
    "due": "due_date",
    "currency": "currency",
    "invoice_number": "invoice_no",
    "order_number": "order_number",
}


def examples(schema: object) -> list[tuple[str, list[str]]]:
    """Kinds of rules with examples that fit the schema; kinds without examples are left out."""
    names = _names(schema) or USUAL
    kinds = [
        (_("Sums"), ["{total} = {subtotal} + {tax}", "sum({row_amount}) <= {total}"]),
        (_("In each row"), ["{row_quantity} > 0", "{row_amount} >= 0"]),
        (_("Dates"), ["{due} >= {issued}", "{due} <= {issued} + 60", "{issued} <= today"]),
        (_("Choices and patterns"), ["{currency} in EUR, USD", "{invoice_number} matches INV-\\d+"]),
        (
            _("Conditions"),
            ["if {total} > 1000 then {order_number} is given", "{order_number} is given or {total} < 250"],
        ),
    ]
    filled = [(label, list(_filled(rules, names))) for label, rules in kinds]
    return [(label, rules) for label, rules in filled if rules]


def _filled(rules: list[str], names: Mapping[str, str]) -> Iterator[str]:
    for rule in rules:
        try:
            yield rule.format_map(names)
        except KeyError:
            continue


def _names(schema: object) -> dict[str, str]:
    """The paths of the usual fields in this schema."""
    fields, found = Fields(schema), dict[str, str]()
    for path in leaf_paths(schema):
        field = fields.at(first_row_path(path))
        amount = field.means("amounts")
        if "[]" in path:
            if amount in {"line_amount", "subtotal", "quantity"}:
                found.setdefault("row_quantity" if amount == "quantity" else "row_amount", path)
            continue
        amount = None if amount == "due" else amount  # "due" names the due date in the examples
        for name in (amount, field.means("labels"), field.means("codes"), field.means("dates")):
            if name:
                found.setdefault(name, path)
    return found
