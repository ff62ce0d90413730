"""The rows of the schema editor, and its preview of the review form."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext_lazy, pgettext_lazy

from extractions.presentation.document.wording import label_of
from extractions.presentation.schemas.findings import Remark, problem_sentence, remarks
from extractions.result.field_labels import TITLES
from extractions.schemas.fields import Field, Kind, json_of
from extractions.schemas.lint import lint
from extractions.schemas.row_state import digest, row_state, shown_value
from extractions.schemas.schema_files import Unreadable, write_schema
from extractions.schemas.starting_points import LANGUAGES

KINDS: dict[str, str | Promise] = {
    "text": gettext_lazy("text"),
    "date": gettext_lazy("date"),
    "number": pgettext_lazy("kind of field", "number"),
    "integer": gettext_lazy("whole number"),
    "boolean": gettext_lazy("yes or no"),
    "choice": gettext_lazy("one of"),
    "group": gettext_lazy("group"),
    "group[]": gettext_lazy("list of groups"),
    "text[]": gettext_lazy("list of texts"),
    "number[]": gettext_lazy("list of numbers"),
    "integer[]": gettext_lazy("list of whole numbers"),
    "date[]": gettext_lazy("list of dates"),
    "boolean[]": gettext_lazy("list of yes or no"),
    "choice[]": gettext_lazy("several of"),
    "other": gettext_lazy("as the JSON says"),
}
MAX_INDENT = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the form. `end` is the position behind the last field of a group."""

    at: str
    depth: int
    field: Field
    first: bool
    last: bool

    @property
    def indent(self) -> int:
        return min(self.depth, MAX_INDENT)

    @property
    def kind(self) -> str:
        return f"{self.field.kind}[]" if self.field.many else str(self.field.kind)

    @property
    def kinds(self) -> list[tuple[str, str | Promise]]:
        """What can be chosen; keeping JSON as it is, only where the form does not know it."""
        return [(value, word) for value, word in KINDS.items() if value != "other" or self.kind == "other"]

    @property
    def state(self) -> str:
        return row_state(self.field)

    @property
    def is_group(self) -> bool:
        return self.field.kind is Kind.GROUP

    @property
    def choices(self) -> list[tuple[str, str]] | None:
        """Values with descriptions, and an empty row for another one; None where there is nothing to choose."""
        if self.field.kind is not Kind.CHOICE:
            return None
        return [*((shown_value(choice.value), choice.meaning) for choice in self.field.choices), ("", "")]

    @property
    def translations(self) -> list[tuple[str, str, str, str]]:
        """Code, name of the language, title, description; the usual languages and what else is there."""
        titles, helps = dict(self.field.titles), dict(self.field.helps)
        codes = dict.fromkeys([*titles, *helps, *LANGUAGES])
        return [(code, _language(code), titles.get(code, ""), helps.get(code, "")) for code in codes]


@dataclass(frozen=True, slots=True)
class PreviewRow:
    label: str
    field: Field
    depth: int
    columns: tuple[str, ...] = ()
    """Of a list of groups, which the review shows as a table."""

    @property
    def options(self) -> list[str]:
        return [shown_value(choice.value) for choice in self.field.choices]


@dataclass(frozen=True, slots=True)
class Editor:
    """Everything that the editor shows of one state of the form."""

    root: Field
    text: str
    shown: str
    rows: list[Row]
    preview: list[PreviewRow]
    remarks: list[Remark]
    problem: str
    undecided: bool
    focus: str

    @property
    def state(self) -> str:
        return row_state(self.root)

    @property
    def blocking(self) -> int:
        return sum(remark.blocks for remark in self.remarks)

    @property
    def can_be_saved(self) -> bool:
        return not self.problem and not self.blocking


def editor_of(root: Field, text: str = "", problem: Unreadable | None = None, focus: str = "") -> Editor:
    """With a `problem` the text is what the person typed, and the form is still that of before."""
    schema = json_of(root)
    written = write_schema(schema)
    return Editor(
        root=root,
        text=text if problem else written,
        shown=digest(written),
        rows=list(_rows(root)),
        preview=_preview(root, 0),
        remarks=remarks(lint(root, schema)),
        problem=problem_sentence(problem) if problem else "",
        undecided=problem is not None and problem.code == "both",
        focus=focus,
    )


def _rows(root: Field) -> list[Row]:
    rows = []
    for at, field in root.walk():
        parent = root
        for index in at[:-1]:
            parent = parent.fields[index]
        last = at[-1] == len(parent.fields) - 1
        rows.append(Row(".".join(map(str, at)), len(at) - 1, field, at[-1] == 0, last))
    return rows


def _preview(group: Field, depth: int) -> list[PreviewRow]:
    rows: list[PreviewRow] = []
    for field in group.fields:
        columns = tuple(_label(column) for column in field.fields) if field.many and field.kind is Kind.GROUP else ()
        rows.append(PreviewRow(_label(field), field, min(depth, MAX_INDENT), columns))
        if field.kind is Kind.GROUP and not field.many:
            rows += _preview(field, depth + 1)
    return rows


def _label(field: Field) -> str:
    return label_of(field.name, {"title": field.title, TITLES: dict(field.titles)})


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
