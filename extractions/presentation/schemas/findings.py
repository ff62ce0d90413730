"""What is wrong with a schema, in sentences with the path of the field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.schemas.lint import Finding
from extractions.schemas.schema_files import Unreadable


@dataclass(frozen=True, slots=True)
class Remark:
    """`place` is the path in words, empty for the whole schema."""

    place: str
    sentence: str
    blocks: bool


SENTENCES: dict[str, str | Promise] = {
    "no_fields": gettext_lazy("The schema has no fields yet. Add the first one."),
    "many": gettext_lazy("There are %(name)s fields; the limit is 500."),
    "same_name": gettext_lazy("Two fields are named “%(name)s”. Rename one of them."),
    "alike": gettext_lazy("The name is almost the same as “%(name)s”. The service may take one for the other."),
    "no_name": gettext_lazy("A field has no name."),
    "spaces": gettext_lazy("The name “%(name)s” begins or ends with a space."),
    "control": gettext_lazy("The name “%(name)s” has a character that cannot be printed."),
    "long_name": gettext_lazy("The name “%(name)s” is too long: the limit is 200 characters."),
    "dots": gettext_lazy("A name with a dot or a bracket is hard to use in rules and in the columns of exports."),
    "empty_group": gettext_lazy("The group has no fields, so nothing will be read into it."),
    "no_object": gettext_lazy("A JSON object is needed here: { … }."),
    "type": gettext_lazy(
        "The type “%(name)s” is not known. Use string, number, integer, boolean, enum, object or array."
    ),
    "description": gettext_lazy("The description is not text."),
    "deep": gettext_lazy("This is nested too deeply: the limit is 12 levels."),
    "properties": gettext_lazy("“properties” has to hold the fields of the group by their names."),
    "no_items": gettext_lazy("A list needs “items”, which says what its entries are."),
    "required_list": gettext_lazy("“required” has to be a list of names."),
    "required_missing": gettext_lazy("“%(name)s” is required, but there is no such field."),
    "no_values": gettext_lazy("A choice needs at least one value."),
    "lengths": gettext_lazy(
        "Values and their descriptions differ in number (%(name)s). Each value has one, or none has."
    ),
    "same_value": gettext_lazy("The value “%(name)s” appears twice."),
    "empty_value": gettext_lazy("One of the values is empty."),
    "says_less": gettext_lazy(
        "The description says no more than the name. Say where the value stands and how it is written."
    ),
}
PROBLEMS: dict[str, str | Promise] = {
    "empty": gettext_lazy("There is no JSON yet."),
    "large": gettext_lazy("This is more than 1 MB of JSON, too much for a schema."),
    "many": gettext_lazy("This is too large for a schema: the limit is 2,500 objects and 20,000 values of JSON."),
    "encoding": gettext_lazy("The file is not UTF-8 text. Save it as JSON in UTF-8."),
    "syntax": gettext_lazy("This is not valid JSON: see line %(line)s, character %(column)s."),
    "deep": gettext_lazy("The JSON is nested too deeply for a schema."),
    "repeated": gettext_lazy("The name “%(name)s” appears twice in one object. Rename or remove one of them."),
    "no_object": gettext_lazy("A schema is a JSON object: { … }."),
    "root": gettext_lazy('The schema itself has to have "type": "object".'),
    "properties": gettext_lazy("The schema itself has to have “properties”, which hold its fields by their names."),
    "both": gettext_lazy("The form and the JSON were both changed. Choose which of them to go on with."),
}


def remarks(findings: Iterable[Finding]) -> list[Remark]:
    return [
        Remark(place_of(finding.path), str(SENTENCES[finding.code]) % {"name": finding.name}, finding.blocks)
        for finding in findings
    ]


def problem_sentence(problem: Unreadable) -> str:
    facts = {"line": problem.line, "column": problem.column, "name": problem.name}
    return str(PROBLEMS[problem.code]) % facts


def place_of(path: tuple[str, ...]) -> str:
    """`lines[] › amount` is "amount in each of lines"; one step is the name itself."""
    if not path:
        return ""
    *above, name = path
    where = name.removesuffix("[]")
    where = _("each entry of %(list)s") % {"list": where} if name.endswith("[]") else where
    for group in reversed(above):
        if group.endswith("[]"):
            where = _("%(field)s in each entry of %(list)s") % {"field": where, "list": group.removesuffix("[]")}
        else:
            where = _("%(field)s in %(group)s") % {"field": where, "group": group}
    return where
