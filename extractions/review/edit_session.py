"""A unit of work on the values of one document: read once, rules evaluated over all of them, written once.

Without the document's lock a session uses optimistic concurrency: it prepares everything outside of a transaction and
writes in a short one that succeeds only if the revision is unchanged. Otherwise it raises `Stale`, for a retry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max, Subquery

from extractions.evidence.invoice_identity import may_identify
from extractions.evidence.rules.check import by_path
from extractions.evidence.rules.own import OwnRule
from extractions.evidence.rules.record import Finding
from extractions.models import Change, Extraction, Value
from extractions.models.parts import folded_text
from extractions.result.leaves import Leaf
from extractions.result.rows import RowEdits, rows_of, split_row
from extractions.result.schema import WRAPPED
from extractions.result.tree import ResultTree
from extractions.review import approvals
from extractions.verification import second_person
from extractions.verification.evidence_policy import Threshold
from extractions.verification.grounding import broken_rules, keep_unjudged
from extractions.verification.invoice_keys import keep_keys
from extractions.verification.review_status import current, scalars_of, status_of, summarize, tree_of
from portal.audit.recording import Action, record
from portal.people.models import User

COLUMNS = (
    "typed", "corrected", "answer", "standing", "confirmed_by", "confirmed_at", "typed_on_page", "place_drawn",
    "removed", "text", "folded", "number", "date", "page", "boxes", "version", "broken",
)  # fmt: skip
BATCH = 500
UPSERT_FROM = 20
"""From this many values on, an upsert beats an UPDATE with a CASE for each row."""
ENDED = (Extraction.Review.APPROVED, Extraction.Review.REJECTED)


class Stale(Exception):
    """The document's values were written by somebody else since they were read."""


class RowRemoved(Exception):
    """The value belongs to a row that was removed."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class EditSession:
    """`lock` takes the row lock, within the caller's transaction; without it the extraction must be freshly read.

    `has_rules=False` saves the query for the team's own rules.
    """

    def __init__(self, extraction: Extraction, *, lock: bool = True, has_rules: bool = True) -> None:
        self.extraction = extraction
        self.threshold = Threshold(extraction)
        self.own = None if has_rules else list[OwnRule]()
        self.batch: UUID | None = None
        if lock:
            _lock(extraction)
        self.edits = RowEdits.read(extraction.row_edits)
        values, self.last_change_id = read_values(extraction)
        """The newest change before this session; 0 if there was none."""
        self.values = {value.path: value for value in values}
        self.touched: dict[str, Value] = {}
        self.created: list[Value] = []
        self.changes: list[Change] = []
        self.withdrawn: Change | None = None
        """The withdrawal of the first approval, if these changes caused one."""
        self.undone: list[tuple[list[int], Change | None]] = []
        """Ids of changes, and the change that undoes them; None where a redo puts them back in force."""

    @cached_property
    def tree(self) -> ResultTree:
        return tree_of(self.extraction, self.edits)

    @cached_property
    def _positions(self) -> Iterable[int]:
        first = max((value.position for value in self.values.values()), default=-1) + 1
        return iter(range(first, first + 10_000_000))

    def row(self, path: str, author: User) -> Value:
        """The value at the path; created if the schema or the data declare the field and it has no row yet.

        Raises `UnknownField` for undeclared paths, and `RowRemoved`.
        """
        value = self.values.get(path) or self.values.get(f"{path}.{WRAPPED}")
        if value is None:
            self.tree.check_value(path)
            for row in rows_of(path):
                of, number = split_row(row)
                if number == self.tree.row_count(of):
                    self.begin_batch()
                    self.add_row(of, author)
            value = self.create(path)
        if value.removed or self.edits.is_removed(value.path):
            raise RowRemoved(path)
        return value

    def create(self, path: str, **fields: object) -> Value:
        position = next(iter(self._positions))
        value = Value(extraction=self.extraction, position=position, path=path, evidence=Value.Evidence.NONE, **fields)
        self.values[path] = value
        self.created.append(value)
        return value

    def add_row(self, path: str, author: User) -> str:
        """Add a row at the end of the list, and return its path."""
        row = f"{path}[{self.tree.row_count(path)}]"
        self.edits.add(path)
        self.note(row, author, Change.Kind.ADD, before={"removed": True}, after={"removed": False})
        return row

    def mark_rows(self, rows: Mapping[str, bool]) -> list[Value]:
        """Remove rows (true) or restore them. A nested row that was removed on its own stays removed."""
        for row, removed in rows.items():
            self.edits.mark(row, removed=removed)
        within = (value for value in self.values.values() if any(row in rows for row in rows_of(value.path)))
        changed = [cell for cell in within if cell.removed != self.edits.is_removed(cell.path)]
        for cell in changed:
            cell.removed = not cell.removed
            self.touch(cell)
        return changed

    def touch(self, value: Value) -> None:
        """Mark the value as changed: refreshes its search columns and raises its version."""
        leaf = Leaf(value.path, current(value))
        value.text, value.number, value.date = leaf.text, leaf.number, leaf.date
        value.version += 1
        self.touched[value.path] = value

    def begin_batch(self) -> None:
        """Changes recorded from now on share one batch, and are undone together."""
        self.batch = self.batch or uuid4()

    def note(self, path: str, author: User, kind: str, **fields: object) -> Change:
        """Record a change; `write` stores it."""
        change = Change(extraction=self.extraction, path=path, author=author, kind=kind, batch=self.batch, **fields)
        self.changes.append(change)
        return change

    def write(self) -> None:
        """Store values, changed rule results, history and the document's summary in one transaction.

        Raises `Stale` if the values, or the first approval, changed since they were read.
        """
        found = self._evaluate_rules()
        edits = self.edits.as_json()
        if not (self.touched or self.created or self.changes or edits != self.extraction.row_edits):
            return
        altering = [change for change in self.changes if change.changes_value]
        facts = self._facts(edits, altering)
        with transaction.atomic():
            # A first approval given meanwhile makes us stale, too: this author must see it before withdrawing it.
            rows = Extraction.objects.filter(
                pk=self.extraction.pk,
                delete_requested_at__isnull=True,
                revision=self.extraction.revision,
                first_approved_by=self.extraction.first_approved_by_id,
            )
            if not rows.exclude(review_state__in=ENDED).update(**facts):
                raise Stale
            Value.objects.bulk_create(self.created, batch_size=BATCH)
            fresh = {id(value) for value in self.created}
            self._update([value for value in self.touched.values() if id(value) not in fresh])
            self._write_history()
            keep_unjudged(self.extraction, found)
            if self._alters_identity(altering):
                keep_keys(self.extraction, scalars_of(self.values.values()))
            if altering:
                self.withdrawn = approvals.withdraw_on_change(self.extraction, altering[-1])
        for name, fact in facts.items():
            setattr(self.extraction, name, fact)

    def _alters_identity(self, altering: list[Change]) -> bool:
        schema = self.extraction.schema.schema if self.extraction.schema else None
        return any(may_identify(change.path, schema) for change in altering)

    def _facts(self, edits: dict[str, Any], altering: list[Change]) -> dict[str, Any]:
        """The document's columns that are derived from its values."""
        summary = summarize(list(self.values.values()))
        changed_by = altering[-1].author_id if altering else self.extraction.last_changed_by_id
        return summary | {
            "row_edits": edits,
            "revision": self.extraction.revision + 1,
            "second_wanted": second_person.is_wanted(self.extraction, summary["amount"]),
            "last_changed_by_id": changed_by,
        }

    def _evaluate_rules(self) -> Sequence[Finding]:
        left = [value for value in self.values.values() if not value.removed]
        found = broken_rules(self.extraction, left, self.own)
        broken_at = by_path(found)
        for value in self.values.values():
            broken = [] if value.removed else broken_at.get(value.path, [])
            if value.broken != broken:
                value.broken = broken
                self.touched[value.path] = value
        for value in (*self.touched.values(), *self.created):
            value.standing = status_of(value, self.threshold)
        return found

    def _update(self, values: list[Value]) -> None:
        if len(values) < UPSERT_FROM:
            for value in values:  # bulk_update calls no pre_save
                value.folded = folded_text(value.text)
            Value.objects.bulk_update(values, COLUMNS, batch_size=BATCH)
            return
        Value.objects.bulk_create(
            values, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=COLUMNS
        )

    def _write_history(self) -> None:
        Change.objects.bulk_create(self.changes, batch_size=BATCH)
        for numbers, by in self.undone:
            Change.objects.filter(pk__in=numbers).update(undone_by=by)
        if not self.changes:
            return
        first = self.changes[0]
        action = Action.CONFIRMED if first.kind == Change.Kind.CONFIRM else Action.EDITED
        # The audit log is append-only: it refers to the `Change`, which erasing the document removes, by its id.
        details: dict[str, object] = {"path": first.path, "kind": str(first.kind), "change": first.pk}
        if len(self.changes) > 1:
            details["changes"] = len(self.changes)
        record(action, self.extraction, person=first.author, after=details)


def read_values(extraction: Extraction) -> tuple[list[Value], int]:
    """All values, and the id of the newest change to the document (0 for none), in one query."""
    changes = Change.objects.filter(extraction=extraction.pk).order_by().values("extraction")
    last = changes.annotate(last=Max("pk")).values("last")
    rows = list(extraction.values.select_related("confirmed_by").annotate(last_change=Subquery(last)))
    return list[Value](rows), max((row.last_change or 0 for row in rows), default=0)


def _lock(extraction: Extraction) -> None:
    """Serialize edits of one document, and reread under the lock whatever they depend on."""
    names = ("revision", "row_edits", "unjudged_rules", "first_approved_by_id", "last_changed_by_id")
    row = Extraction.objects.select_for_update(of=("self",)).filter(pk=extraction.pk).values(*names).get()
    for name, fact in row.items():
        setattr(extraction, name, fact)
