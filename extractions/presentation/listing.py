"""The list of documents: which ones, in pages that begin after a row and so cost the same everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models.functions import Substr
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from extractions.models import Extraction, SavedView, Tagging, Value
from extractions.presentation.columns import NAME, Column, column_called, columns_of
from extractions.presentation.wording import is_amount, readable
from extractions.search import tallies, words
from extractions.search.asked import STUCK, TABS, Asked, Chip, Tab
from extractions.search.walking import COUNTED, NEWEST, Key, Sort
from portal.people.models import User

__all__ = ["COUNTED", "ROWS", "TABS", "Listing", "Place"]

ROWS = 50
SORTS = {
    "received": NEWEST,
    "name": Sort("name", "name", down=False),
    "pages": Sort("pages", "page_count", down=True),
    "size": Sort("size", "size", down=True),
    "change": Sort("change", "state_changed_at", down=True),
}
OF_THE_PAGE = ("before", "after", "view")


@dataclass(frozen=True, slots=True)
class Place:
    """A row that a page begins beside, as a word in a URL."""

    value: Any
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


def _value_of(text: str, sort: Sort) -> Any:
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
    """What one person asked to see, and one page of it. An address that makes no sense shows the first page."""

    def __init__(self, person: User, parameters: QueryDict) -> None:
        self.person = person
        self.parameters = parameters
        self.asked = Asked(person, parameters)
        self.search = self.asked.search
        self.sort = _sort(parameters.get("sort", ""))
        self.columns: list[Column] = columns_of(parameters.get("cols", ""))
        self.before = Place.read(parameters.get("before", ""), self.sort)
        self.after = None if self.before else Place.read(parameters.get("after", ""), self.sort)

    @property
    def tab(self) -> Tab:
        return self.asked.tab

    @property
    def name_column(self) -> Column:
        return NAME

    @property
    def words_on(self) -> str:
        return _("Older") if self.sort == NEWEST else _("Next")

    @property
    def words_back(self) -> str:
        return _("Newer") if self.sort == NEWEST else _("Previous")

    @property
    def words(self) -> str:
        return self.asked.text

    @property
    def problems(self) -> list[str]:
        return self.asked.problems

    @property
    def any_condition(self) -> bool:
        return bool(self.search.conditions or self.search.phrases)

    @cached_property
    def _states(self) -> Counter[str]:
        return tallies.by_state(self.search.teams)

    @property
    def everything(self) -> int:
        """All documents of one's teams, from the counters."""
        return sum(self._states.values())

    @cached_property
    def total(self) -> int:
        """How many match: exactly, where the counters tell or they are few; else counted to just past COUNTED."""
        return self.search.count() if self.any_condition else self.everything

    @property
    def many(self) -> bool:
        return self.any_condition and self.total > COUNTED

    @property
    def running(self) -> int:
        return sum(self._states[state] for state in Extraction.UNDERWAY)

    @property
    def stuck(self) -> int:
        return sum(self._states[state] for state in STUCK)

    @cached_property
    def _fetched(self) -> list[Extraction]:
        """The page and one row more in the order of the list; read backwards for a page that ends beside a row."""
        if self.after:
            numbers = self.search.page(self.sort.backwards, self.after.key, ROWS + 1)[::-1]
        else:
            numbers = self.search.page(self.sort, self.before.key if self.before else None, ROWS + 1)
        known = Extraction.objects.known_and_visible(numbers, self.person)
        rows = known.for_lists().select_related("assigned_to", "team")
        by_number = {row.pk: row for row in rows}
        return [by_number[number] for number in numbers if number in by_number]

    @cached_property
    def rows(self) -> list[Extraction]:
        return self._fetched[-ROWS:] if self.after else self._fetched[:ROWS]

    @cached_property
    def lines(self) -> list[Line]:
        """The rows with what stands in their cells."""
        snippets, tags, values = self._snippets(), self._tags(), self._values
        return [
            Line(row, snippets.get(row.pk, []), tags.get(row.pk, []), values.get(row.pk, {}), self.shown)
            for row in self.rows
        ]

    @cached_property
    def shown(self) -> list[Column]:
        """The columns, those of numbers with their heading over the numbers."""
        numeric = {name for values in self._values.values() for name, (_text, number) in values.items() if number}
        return [replace(column, numeric=True) if column.field in numeric else column for column in self.columns]

    def _snippets(self) -> dict[int, list[tuple[str, bool]]]:
        if not self.search.phrases:
            return {}
        rows = Extraction.objects.filter(pk__in=[row.pk for row in self.rows], content__isnull=False)
        texts = rows.values_list("pk", Substr("content", 1, words.LONGEST_LOOKED_AT))
        return {pk: words.snippet(text or "", self.search.phrases) for pk, text in texts}

    def _tags(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        taggings = Tagging.objects.filter(extraction__in=[row.pk for row in self.rows]).order_by("tag__name")
        for pk, name in taggings.values_list("extraction_id", "tag__name"):
            found.setdefault(pk, []).append(name)
        return found

    @cached_property
    def _values(self) -> dict[int, dict[str, tuple[str, bool]]]:
        """The first value of each field that has a column."""
        names = [column.field for column in self.columns if column.field]
        if not names:
            return {}
        rows = Value.objects.filter(extraction__in=[row.pk for row in self.rows], name__in=names, removed=False)
        found: dict[int, dict[str, tuple[str, bool]]] = {}
        for pk, name, path, text, number in rows.order_by("extraction", "position").values_list(
            "extraction_id", "name", "path", "text", "number"
        ):
            plain: Any = text if number is None else (int(number) if number == int(number) else float(number))
            written = readable(plain, money=number is not None and is_amount(path, {}))[0]
            found.setdefault(pk, {}).setdefault(name, (written, number is not None))
        return found

    @property
    def older(self) -> Place | None:
        """Where the next page begins."""
        there_is = bool(self.after) or len(self._fetched) > ROWS
        return Place.of(self.rows[-1], self.sort) if self.rows and there_is else None

    @property
    def newer(self) -> Place | None:
        there_is = bool(self.before) or (bool(self.after) and len(self._fetched) > ROWS)
        return Place.of(self.rows[0], self.sort) if self.rows and there_is else None

    @property
    def live(self) -> bool:
        """Whether there is news to come for this page."""
        return any(row.in_progress for row in self.rows) or bool(self.running and not self.before and not self.after)

    @property
    def chips(self) -> list[Chip]:
        return self.asked.chips

    @cached_property
    def removals(self) -> list[Removal]:
        """Each condition with the address that is left without it."""
        return [
            Removal(chip.label, chip.words, self.address(**{chip.parameter: [one for one in left if one]}))
            for chip in self.chips
            for left in [[one for one in self.parameters.getlist(chip.parameter) if one not in chip.raw]]
        ]

    def address(self, **changes: list[str]) -> str:
        """What stands after the question mark when these parameters are others; always the first page."""
        parameters = self.parameters.copy()
        for name in OF_THE_PAGE:
            parameters.pop(name, None)
        for name, values in changes.items():
            parameters.setlist(name, values)
        return parameters.urlencode()

    @property
    def query(self) -> str:
        """The search itself, for saved views, exports and what is done to all that match."""
        return self.address()

    @cached_property
    def views(self) -> list[SavedView]:
        return list(SavedView.objects.visible_to(self.person).select_related("team"))

    @cached_property
    def view(self) -> SavedView | None:
        """The saved view whose tab is open: the one that was clicked, as long as the search is still its own."""
        return next((view for view in self.views if view.query == self.query), None)

    def fingerprint(self) -> tuple[object, ...]:
        """Everything on the page that can change. Seconds that tick are the browser's."""
        rows = [
            (
                *(row.pk, row.state, row.status, row.trouble, row.extraction_step),
                *(row.next_try_at, row.cancel_requested_at, row.review_state),
                *(row.needs, row.broken_count, row.assigned_to_id),
            )
            for row in self.rows
        ]
        tags = [(line.extraction.pk, *line.tags, *line.values.items()) for line in self.lines]
        return (*rows, *tags, self.total, self.running, self.stuck, *((view.pk, view.name) for view in self.views))


@dataclass(frozen=True, slots=True)
class Removal:
    label: Any
    words: str
    query: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list."""

    extraction: Extraction
    snippet: list[tuple[str, bool]]
    tags: list[str]
    values: Mapping[str, tuple[str, bool]]
    columns: list[Column]

    @property
    def cells(self) -> list[tuple[Column, str, bool]]:
        """Column, words for those that are a field of the documents, and whether they are a number."""
        return [(column, *self.values.get(column.field, ("", False))) for column in self.columns]


def _sort(text: str) -> Sort:
    """`name`, or `-name` for the other way round."""
    sort = SORTS.get(text.removeprefix("-"), NEWEST)
    return sort.backwards if text.startswith("-") else sort


def sort_word(sort: Sort) -> str:
    return sort.name if SORTS[sort.name] == sort else f"-{sort.name}"


def heading_sort(column: Column, now: Sort) -> str | None:
    """What a click on the heading sorts by: its own way first, then the other way round; None where it cannot."""
    if column.sort not in SORTS:
        return None
    return sort_word(now.backwards) if now.name == column.sort else column.sort


__all__ += ["Line", "column_called", "heading_sort"]
