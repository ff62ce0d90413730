"""A classifier as submitted by the editor: its name and rows of categories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.forms.schema_about import OfTeamForm
from extractions.services.classifier_studio import Category, Edit
from portal.people.models import User

MAX_CATEGORIES = 100
MAX_NAME, MAX_DESCRIPTION = 200, 2000


class ClassifierAboutForm(OfTeamForm):
    only_administrators = gettext_lazy("Only administrators of a team write classifiers.")
    field_order = ("name", "reason", "team")
    name = forms.CharField(
        max_length=150, label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    reason = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("Why this version"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category as typed. `former` is its name in the version that is being edited."""

    name: str = ""
    description: str = ""
    schema: int | None = None
    automatic: bool = False
    former: str = ""
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.name or self.description)


@dataclass(frozen=True, slots=True)
class CategoryRows:
    rows: tuple[CategoryRow, ...]
    problem: str = ""

    @property
    def is_valid(self) -> bool:
        return not self.problem and not any(row.problem for row in self.rows)

    def edit(self, form: ClassifierAboutForm, author: User) -> Edit:
        kept = [row for row in self.rows if not row.is_empty]
        categories = tuple(Category(row.name, row.description, row.schema, row.automatic) for row in kept)
        renamed = {row.former: row.name for row in kept if row.former and row.former != row.name}
        return Edit(form.cleaned_data["name"], categories, author, form.cleaned_data["reason"], renamed)


def read_categories(data: QueryDict, schemas: Iterable[int]) -> CategoryRows:
    """The rows after what the pressed button says; checked only when they are to be saved."""
    offered = set(schemas)
    columns = [data.getlist(name)[:MAX_CATEGORIES] for name in ("category", "description", "schema", "former")]
    columns.append([*data.getlist("start"), *[""] * MAX_CATEGORIES])
    rows = [_row(offered, *values) for values in zip(*columns, strict=False)]
    name, _colon, place = data.get("do", "").partition(":")
    at = int(place) if place.isdecimal() and int(place) < len(rows) else None
    if name == "add" and len(rows) < MAX_CATEGORIES:
        rows.append(CategoryRow())
    elif name == "remove" and at is not None:
        del rows[at]
    elif name == "up" and at:
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
    elif name in {"save", "publish"}:
        return _checked(rows)
    return CategoryRows(tuple(rows))


def _row(offered: set[int], name: str, description: str, schema: str, former: str, start: str) -> CategoryRow:
    number = int(schema) if schema.isdecimal() and len(schema) < 19 else None
    name, description = " ".join(name.split()), description.replace("\0", "").strip()
    chosen = number if number in offered else None
    return CategoryRow(name.replace("\0", ""), description, chosen, start == "automatic", former)


def _checked(rows: list[CategoryRow]) -> CategoryRows:
    seen: set[str] = set()
    checked = []
    for row in rows:
        checked.append(replace(row, problem=_problem_of(row, seen)))
        seen.add(row.name.casefold())
    named = [row for row in rows if not row.is_empty]
    problem = _("A classifier needs at least two categories: what should it tell apart?") if len(named) < 2 else ""
    return CategoryRows(tuple(checked), problem)


def _problem_of(row: CategoryRow, seen: set[str]) -> str:
    if row.is_empty:
        return ""
    if not row.name:
        return _("Give it a name.")
    if row.name.casefold() in seen:
        return _("Another category has this name.")
    if len(row.name) > MAX_NAME or len(row.description) > MAX_DESCRIPTION:
        return _("That is too long.")
    return ""
