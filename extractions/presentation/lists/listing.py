"""The list of documents, with keyset pagination: every page costs the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db.models.functions import Substr
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from extractions.models import Extraction, SavedView, Tagging, Value
from extractions.presentation.counts import Counts
from extractions.presentation.document.wording import readable
from extractions.presentation.lists.columns import NAME, Column, column_called, columns_of
from extractions.result.field_labels import is_amount
from extractions.search import full_text, reindexing
from extractions.search.conditions import HasValue
from extractions.search.executor import COUNTED, NEWEST, Key, Sort
from extractions.search.language import without
from extractions.search.query import Chip, SearchQuery
from extractions.search.tabs import TABS, Tab
from portal.people.models import User

__all__ = ["COUNTED", "ROWS", "TABS", "Listing", "Place"]

ROWS = 50
SORTS = {
    "received": NEWEST,
    "name": Sort("name", "name", descending=False),
    "pages": Sort("pages", "page_count", descending=True),
    "size": Sort("size", "size", descending=True),
    "change": Sort("change", "state_changed_at", descending=True),
}
OF_THE_PAGE = ("before", "after", "view")


@dataclass(frozen=True, slots=True)
class Place:
    """A pagination cursor: the sort key of a row, as `value~id` in URLs."""

    value: object
    pk: int

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else str(self.value)
        return f"{value}~{self.pk}"

    @property
    def key(self) -> Key:
        return self.value, self.pk

    @classmethod
    def of(cls, extraction: Extraction, sort: Sort = NEWEST) -> Place:
        return cls(*sort.key_of(extraction))

    @classmethod
    def read(cls, text: str, sort: Sort = NEWEST) -> Place | None:
        value, _tilde, pk = text.rpartition("~")
        if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
            return None
        read = _value_of(value, sort)
        return None if read is None else cls(read, int(pk))


def _value_of(text: str, sort: Sort) -> object:
    if sort.column == "name":
        return text.replace("\x00", "")[:255]
    if sort.column in ("page_count", "size"):
        return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


class Listing:
    """One person's search and one page of it. An invalid cursor shows the first page."""

    def __init__(self, person: User, parameters: QueryDict, counts: Counts | None = None) -> None:
        self.person = person
        self.parameters = parameters
        self.counts = counts or Counts(person)
        self.search_query = SearchQuery(person, parameters, [*self.counts.roles])
        self.search = self.search_query.search
        self.sort = _sort(parameters.get("sort", ""))
        self.columns: list[Column] = columns_of(parameters.get("cols", ""))
        self.before = Place.read(parameters.get("before", ""), self.sort)
        self.after = None if self.before else Place.read(parameters.get("after", ""), self.sort)

    @property
    def tab(self) -> Tab:
        return self.search_query.tab

    @property
    def name_column(self) -> Column:
        return NAME

    @property
    def next_label(self) -> str:
        return _("Older") if self.sort == NEWEST else _("Next")

    @property
    def previous_label(self) -> str:
        return _("Newer") if self.sort == NEWEST else _("Previous")

    @property
    def words(self) -> str:
        return self.search_query.text

    @property
    def problems(self) -> list[str]:
        return self.search_query.problems

    @cached_property
    def indexing(self) -> bool:
        """Whether a search by field may miss values that are not indexed yet."""
        by_field = any(isinstance(condition, HasValue) for condition in self.search.conditions)
        return by_field and reindexing.values_left()

    @property
    def any_condition(self) -> bool:
        return bool(self.search.conditions or self.search.phrases)

    @property
    def everything(self) -> int:
        """How many documents the person's teams have."""
        return self.counts.everything

    @property
    def _of_tab(self) -> int | None:
        """The count of a tab without further conditions, as the tab and other pages show it."""
        if self.search_query.any:
            return None
        counts = self.counts
        known = {"": counts.everything, "running": counts.running, "held": counts.held, "stuck": counts.stuck}
        return known.get(self.tab.name)

    @cached_property
    def total(self) -> int:
        """How many match: exact where they are counted anyway, else up to COUNTED + 1."""
        return self.search.count() if self._of_tab is None else self._of_tab

    @property
    def many(self) -> bool:
        return self._of_tab is None and self.total > COUNTED

    @property
    def running(self) -> int:
        return self.counts.running

    @property
    def held(self) -> int:
        return self.counts.held

    @property
    def stuck(self) -> int:
        return self.counts.stuck

    @cached_property
    def _fetched(self) -> list[Extraction]:
        """The page and one more row, in the order of the list; read in reverse for a previous page."""
        if self.after:
            numbers = self.search.page(self.sort.reverse, self.after.key, ROWS + 1)[::-1]
        else:
            numbers = self.search.page(self.sort, self.before.key if self.before else None, ROWS + 1)
        known = Extraction.objects.visible_among(numbers, self.person)
        rows = known.for_lists().select_related("assigned_to", "team")
        by_number = {row.pk: row for row in rows}
        return [by_number[number] for number in numbers if number in by_number]

    @cached_property
    def rows(self) -> list[Extraction]:
        return self._fetched[-ROWS:] if self.after else self._fetched[:ROWS]

    @cached_property
    def lines(self) -> list[ListRow]:
        """The rows with the contents of their cells."""
        snippets, tags, values = self._snippets(), self._tags(), self._values
        return [
            ListRow(row, snippets.get(row.pk, []), tags.get(row.pk, []), values.get(row.pk, {}), self.shown)
            for row in self.rows
        ]

    @cached_property
    def shown(self) -> list[Column]:
        """The columns; those of numeric fields are marked numeric."""
        numeric = {name for values in self._values.values() for name, (_text, number) in values.items() if number}
        return [replace(column, numeric=True) if column.field in numeric else column for column in self.columns]

    def _snippets(self) -> dict[int, list[tuple[str, bool]]]:
        if not self.search.phrases:
            return {}
        rows = Extraction.objects.filter(pk__in=[row.pk for row in self.rows], content__isnull=False)
        texts = rows.values_list("pk", Substr("content", 1, full_text.MAX_SNIPPET_SOURCE))
        return {pk: full_text.snippet(text or "", self.search.phrases) for pk, text in texts}

    def _tags(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        taggings = Tagging.objects.filter(extraction__in=[row.pk for row in self.rows]).order_by("tag__name")
        for pk, name in taggings.values_list("extraction_id", "tag__name"):
            found.setdefault(pk, []).append(name)
        return found

    @cached_property
    def _values(self) -> dict[int, dict[str, tuple[str, bool]]]:
        """By document and field: the formatted first value, and whether it is a number."""
        names = [column.field for column in self.columns if column.field]
        if not names:
            return {}
        rows = Value.objects.filter(extraction__in=[row.pk for row in self.rows], name__in=names, removed=False)
        found: dict[int, dict[str, tuple[str, bool]]] = {}
        for pk, name, path, text, number in rows.order_by("extraction", "position").values_list(
            "extraction_id", "name", "path", "text", "number"
        ):
            plain: object = text if number is None else (int(number) if number == int(number) else float(number))
            written = readable(plain, money=number is not None and is_amount(path, {}))[0]
            found.setdefault(pk, {}).setdefault(name, (written, number is not None))
        return found

    @property
    def older(self) -> Place | None:
        """The cursor of the next page."""
        has_more = bool(self.after) or len(self._fetched) > ROWS
        return Place.of(self.rows[-1], self.sort) if self.rows and has_more else None

    @property
    def newer(self) -> Place | None:
        has_more = bool(self.before) or (bool(self.after) and len(self._fetched) > ROWS)
        return Place.of(self.rows[0], self.sort) if self.rows and has_more else None

    @property
    def live(self) -> bool:
        """Whether the page should poll."""
        unsettled = any(row.in_progress or row.evidence_due_at is not None for row in self.rows)
        return unsettled or bool(self.running and not self.before and not self.after)

    @property
    def chips(self) -> list[Chip]:
        return self.search_query.chips

    @cached_property
    def removals(self) -> list[Removal]:
        """Each chip with the query string that remains without it."""
        return [Removal(chip.label, chip.words, self._without(chip)) for chip in self.chips]

    def _without(self, chip: Chip) -> str:
        if chip.parameter == "q":
            left = [without(self.words, chip.raw[0])]
        else:
            left = [item for item in self.parameters.getlist(chip.parameter) if item not in chip.raw]
        return self.address(**{chip.parameter: [item for item in left if item]})

    def address(self, **changes: list[str]) -> str:
        """The query string with these parameters changed, for the first page."""
        parameters = self.parameters.copy()
        for name in OF_THE_PAGE:
            parameters.pop(name, None)
        for name, values in changes.items():
            parameters.setlist(name, values)
        return parameters.urlencode()

    @property
    def query(self) -> str:
        """The query string without cursors, for saved views, exports and bulk actions."""
        return self.address()

    @cached_property
    def views(self) -> list[SavedView]:
        return list(SavedView.objects.visible_to(self.person).select_related("team"))

    @cached_property
    def view(self) -> SavedView | None:
        """The saved view with exactly this query, if any."""
        return next((view for view in self.views if view.query == self.query), None)

    def fingerprint(self) -> tuple[object, ...]:
        """Everything on the page that can change, except for running clocks, which the browser updates."""
        rows = [
            (
                *(row.pk, row.state, row.status, row.error_code, row.extraction_step),
                *(row.next_try_at, row.cancel_requested_at, row.review_state),
                *(row.needs, row.broken_count, row.assigned_to_id),
                *(row.evidence_due_at is None, row.first_approved_by_id),
            )
            for row in self.rows
        ]
        tags = [(line.extraction.pk, *line.tags, *line.values.items()) for line in self.lines]
        return (
            *rows,
            *tags,
            self.total,
            self.running,
            self.held,
            self.stuck,
            *((view.pk, view.name) for view in self.views),
        )


@dataclass(frozen=True, slots=True)
class Removal:
    label: object
    words: str
    query: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of the list."""

    extraction: Extraction
    snippet: list[tuple[str, bool]]
    tags: list[str]
    values: Mapping[str, tuple[str, bool]]
    columns: list[Column]

    @property
    def cells(self) -> list[tuple[Column, str, bool]]:
        """Column, text for extracted fields, and whether that is a number."""
        return [(column, *self.values.get(column.field, ("", False))) for column in self.columns]


def _sort(text: str) -> Sort:
    """Parses `name`, or `-name` for the reverse order."""
    sort = SORTS.get(text.removeprefix("-"), NEWEST)
    return sort.reverse if text.startswith("-") else sort


def sort_word(sort: Sort) -> str:
    return sort.name if SORTS[sort.name] == sort else f"-{sort.name}"


def heading_sort(column: Column, now: Sort) -> str | None:
    """What a click on the heading sorts by: its default order, then the reverse; None if it cannot sort."""
    if column.sort not in SORTS:
        return None
    return sort_word(now.reverse) if now.name == column.sort else column.sort


__all__ += ["ListRow", "column_called", "heading_sort"]
