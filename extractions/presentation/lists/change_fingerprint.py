"""One cheap query that tells whether anything a person may see has changed; polls run it first."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum, Value

from extractions.models import Connection, Extraction, ExtractionQuerySet, SavedView
from extractions.search.executor import MEMBERSHIP, MEMBERSHIP_TEAM
from portal.audit.models import Entry
from portal.people.models import Membership, User

Step = Extraction.Step
MAX_PER_STATE = 200  # documents; more than any page shows
Fact = tuple[str, tuple[Any, ...]]
ANYBODY = -1  # placeholder for the person in the compiled query; no row has this id
# Pseudo-random weights, one per fact of a document in progress. Their sum changes whenever a document moves on; that
# two moves within the same second cancel out has a probability of about 1e-9.
WEIGHTS = tuple((0x9E3779B97F4A7C15 * (number + 1)) % 2**40 for number in range(16))


def change_fingerprint(person: User, *, every: int = 20, wide: bool = False) -> tuple[object, ...]:
    """Facts that stay equal while nothing changes among the documents of the person's teams.

    The newest state change covers finished documents. A weighted sum and the latest timer cover those in progress, the
    newest MAX_PER_STATE of each state, so that a backlog slows nobody down. A sum of ids covers pending grounding.
    `wide` adds actions of people, of all teams, so it may change without a visible difference. Anything else shows up
    after `every` seconds, when the fingerprint changes in any case.
    """
    sql, parameters = _compiled(wide)
    with connection.cursor() as cursor:
        cursor.execute(sql, [person.pk if parameter == ANYBODY else parameter for parameter in parameters])
        return (*cursor.fetchall(), int(time.monotonic() // every))


@cache
def _compiled(wide: bool) -> tuple[str, tuple[Any, ...]]:
    """The query, a row per team, for ANYBODY. Cached, for compiling it costs far more than running it."""
    facts = [
        _newest(),
        _underway(),
        _grounding(),
        _first(Connection.objects.exclude(pause="").order_by("-paused_at"), "paused_at"),
    ]
    if wide:
        facts.append(_first(Entry.objects.order_by("-pk"), "pk"))
        facts.append(_views())
    columns = ", ".join(sql for sql, _parameters in facts)
    given = tuple(parameter for _sql, parameters in facts for parameter in parameters)
    memberships = (
        f"{Membership._meta.db_table} AS {MEMBERSHIP} WHERE {MEMBERSHIP}.person_id = %s ORDER BY {MEMBERSHIP}.team_id"
    )
    return f"SELECT {MEMBERSHIP}.team_id, {columns} FROM {memberships}", (*given, ANYBODY)  # noqa: S608 - all names are our own


def _of_team() -> ExtractionQuerySet:
    """Visible documents of the current membership's team. For all teams at once SQLite would read or sort all."""
    return Extraction.objects.visible_to(User(pk=ANYBODY)).filter(team_id=MEMBERSHIP_TEAM)


def _first(rows: QuerySet[Any], column: str) -> Fact:
    sql, parameters = rows.values(column)[:1].query.sql_with_params()
    return f"({sql})", parameters


def _views() -> Fact:
    """A sum of ids suffices: saved views are created and deleted, never changed."""
    rows = SavedView.objects.visible_to(User(pk=ANYBODY)).order_by().values(group=Value(1))
    sql, parameters = rows.annotate(sum=Sum("pk")).values("sum").query.sql_with_params()
    return f"({sql})", parameters


def _newest() -> Fact:
    return _first(_of_team().order_by("-state_changed_at", "-pk"), "state_changed_at")


def _underway() -> Fact:
    """Weighted sum and latest timer of the newest documents of each state in progress, as text."""
    shown = ("state", "extraction_step", "error_code", "status", "cancel_requested_at", "next_try_at")
    walks, given = [], []
    for state in Extraction.UNDERWAY:
        rows = _of_team().filter(state=state).newest_first().values(*shown)[:MAX_PER_STATE]
        sql, parameters = rows.query.sql_with_params()
        walks.append(f"SELECT * FROM ({sql}) AS walk")  # noqa: S608 - as above
        given += parameters
    clock = f"CASE WHEN error_code <> '' OR state = '{Extraction.State.CHECKING}' THEN next_try_at END"
    texts = f"CAST(sum({_weight()}) AS text) || ' ' || coalesce(CAST(max({clock}) AS text), '')"
    return f"(SELECT {texts} FROM ({' UNION ALL '.join(walks)}) AS underway)", tuple(given)  # noqa: S608 - as above


def _grounding() -> Fact:
    """The current membership's team's among the next documents to be grounded; a FIFO, so its head changes with every
    step."""
    rows = Extraction.objects.filter(evidence_due_at__isnull=False).order_by("evidence_due_at")
    sql, parameters = rows.values("pk", "team_id")[:MAX_PER_STATE].query.sql_with_params()
    of_team = f"team_id = {MEMBERSHIP}.team_id"
    return f"(SELECT sum(pk) FROM ({sql}) AS pending WHERE pending.{of_team})", parameters  # noqa: S608 - as above


def _weight() -> str:
    """SQL for a number that encodes what a document in progress shows."""
    marks = [*(f"extraction_step = '{step}'" for step in Step.values)]
    marks += [f"state = '{state}'" for state in Extraction.UNDERWAY]
    marks += ["error_code = ''", "cancel_requested_at IS NULL", "status = 'CREATED'"]
    parts = [f"CASE WHEN {mark} THEN {WEIGHTS[number]} ELSE 0 END" for number, mark in enumerate(marks)]
    return " + ".join([str(WEIGHTS[-1]), *parts])
