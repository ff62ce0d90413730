"""The live list of documents sent from one load of the upload page."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.db import connection
from django.db.models import Count, Subquery, Value
from django.utils import timezone

from extractions.models import Extraction
from extractions.presentation.document.sentences import explanation_of
from extractions.presentation.document.stalls import are_unattended
from extractions.presentation.document.status_explanation import StatusExplanation
from extractions.presentation.document.steps import StepLine, pace, step_line, usual_times
from portal.people.models import User

State = Extraction.State
SHOWN = {"stopped": 40, "running": 12, "done": 8}
"""Rows shown of each kind: hundreds would be expensive to render on every change."""
WATCHED = (
    *("pk", "state", "status", "error_code", "extraction_step", "cancel_requested_at"),
    *("connection__pause", "connection__next_probe_at"),
    *("evidence_due_at", "review_state", "needs", "broken_count"),
)
TIMED = ("steps_seen", "connection_id", "server", "next_try_at")
COLUMNS = (*WATCHED, *TIMED, "others")
ANYBODY, NO_BATCH = -1, uuid.UUID(int=0)
"""Placeholders for the person and the page in the compiled query; no row has these keys."""


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One row of the list."""

    extraction: Extraction
    account: StatusExplanation | None
    steps: StepLine


class UploadBatch:
    """One query for what can change; full rows are loaded only when shown."""

    def __init__(self, person: User, batch: uuid.UUID | None) -> None:
        self.batch = batch
        self.person = person

    @cached_property
    def _facts(self) -> list[dict[str, Any]]:
        """One query, including the number of running documents for the page's header."""
        if self.batch is None:
            return []
        sql, parameters = _compiled()
        mine: dict[object, int | str] = {
            ANYBODY: self.person.pk,
            _begins(ANYBODY, NO_BATCH): _begins(self.person.pk, self.batch),
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, [mine.get(parameter, parameter) for parameter in parameters])
            return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]

    def fingerprint(self) -> tuple[object, ...]:
        now = timezone.now()
        rows = []
        usual_at = cache(usual_times)  # one cache lookup for all rows
        for row in self._facts:
            running = row["state"] == State.RUNNING
            usual = usual_at(row["connection_id"], row["server"]) if running else {}
            how = pace(_read(row["steps_seen"]), row["extraction_step"], usual, now) if running else ""
            # For a plainly running document the timer changes with every poll of the service, and is not shown.
            clock = row["next_try_at"] if row["error_code"] or row["state"] == State.CHECKING else None
            rows.append((*(row[name] for name in WATCHED), row["others"], how, clock))
        return tuple(rows)

    def _of(self, states: Sequence[str]) -> list[int]:
        return [row["pk"] for row in self._facts if row["state"] in states]

    @cached_property
    def _kinds(self) -> dict[str, list[int]]:
        """Ids by kind: stopped, running, done; latest first."""
        stopped = [state for state in Extraction.AT_REST if state != State.EXTRACTED]
        waiting = {row["pk"] for row in self._facts if row["status"] == Extraction.Status.CREATED}
        active = self._of([state for state in Extraction.UNDERWAY if state != State.QUEUED])
        return {
            "stopped": self._of(stopped),
            "running": [*sorted(active, key=lambda pk: pk in waiting), *self._of([State.QUEUED])],
            "done": self._of([State.EXTRACTED]),
        }

    @property
    def stopped(self) -> int:
        return len(self._kinds["stopped"])

    @property
    def running(self) -> int:
        return len(self._kinds["running"])

    @property
    def done(self) -> int:
        return len(self._kinds["done"])

    @property
    def live(self) -> bool:
        """Whether the page should poll: also while values of finished documents are being checked."""
        return bool(self.running) or any(
            row["state"] == State.EXTRACTED and row["evidence_due_at"] is not None for row in self._facts
        )

    @property
    def more(self) -> int:
        """How many are not shown here."""
        return sum(max(0, len(keys) - SHOWN[kind]) for kind, keys in self._kinds.items())

    @property
    def unattended(self) -> bool:
        """Whether nothing is sent, because no worker runs."""
        return are_unattended(item.extraction for item in self.shown)

    @cached_property
    def shown(self) -> list[BatchItem]:
        keys = [key for kind, all_ in self._kinds.items() for key in all_[: SHOWN[kind]]]
        found = {row.pk: row for row in Extraction.objects.visible_to(self.person).filter(pk__in=keys).for_lists()}
        here = [found[key] for key in keys if key in found]
        usual = {(row.connection_id, row.server): usual_times(row.connection_id, row.server) for row in here}
        return [
            BatchItem(row, explanation_of(row), step_line(row, usual[row.connection_id, row.server])) for row in here
        ]


@cache
def _compiled() -> tuple[str, tuple[Any, ...]]:
    """The query with placeholders. Cached, for compiling it costs far more than running it."""
    anybody = User(pk=ANYBODY)
    visible = Extraction.objects.visible_to(anybody)
    running = visible.in_progress().order_by().values(group=Value(1)).annotate(count=Count("pk")).values("count")
    rows = visible.sent_with_form(anybody, NO_BATCH).annotate(others=Subquery(running)).newest_first()
    sql, parameters = rows.values_list(*COLUMNS).query.sql_with_params()
    return sql, tuple(parameters)


def _begins(person: int, batch: uuid.UUID) -> str:
    return f"{person}:{batch}.%"


def _read(seen: object) -> dict[str, Any]:
    """JSON as the driver returns it, which may be text."""
    found = json.loads(seen) if isinstance(seen, str) else seen
    return found if isinstance(found, dict) else {}
