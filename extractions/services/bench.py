"""The values of one document while a deed is done to some of them: read once, judged together, written once."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Subquery

from extractions.assessing import current, standing, stock_of
from extractions.checking import broken_rules
from extractions.evidence.leaves import Leaf
from extractions.evidence.rules.check import by_path
from extractions.evidence.rules.own import OwnRule
from extractions.models import Change, Extraction, Value

COLUMNS = (
    "typed", "corrected", "answer", "standing", "confirmed_by", "confirmed_at", "place_drawn", "removed",
    "text", "number", "date", "page", "boxes", "version", "broken",
)  # fmt: skip
BATCH = 500


class Bench:
    """Wants a transaction around it. `locked` says that the document's row is locked and was read with the lock;
    without `ruled` nobody asks for rules of the team's own, for there are none.
    """

    def __init__(self, extraction: Extraction, *, locked: bool = False, ruled: bool = True) -> None:
        self.extraction = extraction
        self.own = None if ruled else list[OwnRule]()
        if not locked:
            _lock(extraction)
        values, self.heard = read_values(extraction)
        self.values = {value.path: value for value in values}
        """The newest change before this deed."""
        self.touched: dict[str, Value] = {}
        self.changes: list[Change] = []

    def row(self, path: str) -> Value:
        """The value; made now if the schema has the field and the data had none."""
        if path not in self.values:
            fresh = Value(
                extraction=self.extraction, position=self.next_position(), path=path, evidence=Value.Evidence.NONE
            )
            fresh.save(force_insert=True)
            self.values[path] = fresh
        return self.values[path]

    def next_position(self) -> int:
        return max((value.position for value in self.values.values()), default=-1) + 1

    def touch(self, value: Value) -> None:
        """Say that it was changed by hand, which makes another version of it."""
        leaf = Leaf(value.path, current(value))
        value.text, value.number, value.date = leaf.text, leaf.number, leaf.date
        value.version += 1
        self.touched[value.path] = value

    def write(self) -> None:
        """Store what was touched, what broke or healed by that, and what the document wants now."""
        found = by_path(
            broken_rules(self.extraction, [one for one in self.values.values() if not one.removed], self.own)
        )
        for value in self.values.values():
            broken = [] if value.removed else found.get(value.path, [])
            if value.broken != broken:
                value.broken = broken
                self.touched[value.path] = value
        for value in self.touched.values():
            value.standing = standing(value)
        Value.objects.bulk_update(self.touched.values(), COLUMNS, batch_size=BATCH)
        self._take_stock()

    def _take_stock(self) -> None:
        stock = stock_of(list(self.values.values()))
        changed: dict[str, Any] = {name: fact for name, fact in stock.items() if getattr(self.extraction, name) != fact}
        if not changed:
            return
        Extraction.objects.filter(pk=self.extraction.pk).update(**changed)
        for name, fact in changed.items():
            setattr(self.extraction, name, fact)


def read_values(extraction: Extraction) -> tuple[list[Value], int]:
    """All values, and the number of the newest change to them, by one query."""
    changes = Change.objects.filter(extraction=extraction.pk).order_by().values("extraction")
    last = changes.annotate(last=Max("pk")).values("last")
    rows = list(extraction.values.select_related("confirmed_by").annotate(last_change=Subquery(last)))
    return list[Value](rows), max((row.last_change or 0 for row in rows), default=0)


def _lock(extraction: Extraction) -> None:
    """One deed at a time on one document; its counters are read with the lock."""
    names = ("needs", "broken_count", "due_on", "amount")
    row = Extraction.objects.select_for_update(of=("self",)).filter(pk=extraction.pk).values(*names).get()
    for name, fact in row.items():
        setattr(extraction, name, fact)
