"""The columns of the list: those of documents, and any extracted field, such as `value.supplier`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MOST = 14
FIELD = re.compile(r"value\.([\w\-]{1,100})")


@dataclass(frozen=True, slots=True)
class Column:
    """`sort` is the order that its heading links to; `field` the extracted field that it shows."""

    name: str
    label: str | Promise
    numeric: bool = False
    sort: str = ""
    field: str = ""

    @property
    def style(self) -> str:
        return "value" if self.field else self.name


NAME = Column("name", _("Document"), sort="name")
COLUMNS = (
    Column("state", _("State"), sort="change"),
    Column("schema", _("Schema")),
    Column("server", _("Server")),
    Column("from", _("From")),
    Column("assigned", _("Assigned to")),
    Column("tags", _("Tags")),
    Column("kind", _("Classified as")),
    Column("classifier", _("Classifier")),
    Column("team", _("Team")),
    Column("pages", _("Pages"), numeric=True, sort="pages"),
    Column("size", pgettext_lazy("of a file", "Size"), numeric=True, sort="size"),
    Column("took", _("Took"), numeric=True),
    Column("credits", _("Credits"), numeric=True),
    Column("changed", _("Last change"), numeric=True, sort="change"),
    Column("received", _("Received"), numeric=True, sort="received"),
)
USUAL = ("state", "schema", "server", "from", "credits", "received")
_BY_NAME = {column.name: column for column in COLUMNS}


def column_called(name: str) -> Column | None:
    if name in _BY_NAME:
        return _BY_NAME[name]
    field = FIELD.fullmatch(name)
    if field is None:
        return None
    words = capfirst(field[1].replace("_", " "))
    return Column(name, words, field=field[1].lower())


def columns_of(text: str) -> list[Column]:
    """Parses `state,value.total,received`. Unknown names are ignored; without any, the default columns."""
    names = list(dict.fromkeys(text.split(",")))[:MOST] if text else []
    found = [column for name in names if (column := column_called(name)) is not None]
    return found or [_BY_NAME[name] for name in USUAL]
