"""Whether anything changed that a person may see, by one query: what a page that refreshes itself asks first."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum, Value

from extractions.models import Connection, Extraction, ExtractionQuerySet, SavedView
from extractions.search.walking import MINE, OF_MINE
from portal.audit.models import Entry
from portal.people.models import Membership, User

Step = Extraction.Step
MOST_OF_A_STATE = 200  # more than any page shows
Fact = tuple[str, tuple[Any, ...]]
ANYBODY = -1  # stands for the person in the compiled query; no row has it
# One large number for each thing that a row on the way can show. Their sum is another one whenever a row moves on; that
# two moves in the same second take each other away happens once in a thousand million times.
WEIGHTS = tuple((0x9E3779B97F4A7C15 * (number + 1)) % 2**40 for number in range(16))


def pulse(person: User, *, every: int = 20, wide: bool = False) -> tuple[object, ...]:
    """Facts that are equal as long as nothing moved among the documents of this person's teams.

    The newest change tells of all that came to rest; the sum and the latest clock tell of what is on the way, of each
    state the newest MOST_OF_A_STATE, so that a large backlog makes nobody's page slower. A `wide`
    one tells of what people do with documents, too, and of values that are looked for in them: anybody's deeds, so it
    may differ where nothing that this person sees does. What none of it tells is told after `every` seconds at the
    latest.
    """
    sql, parameters = _compiled(wide)
    with connection.cursor() as cursor:
        cursor.execute(sql, [person.pk if one == ANYBODY else one for one in parameters])
        return (*cursor.fetchall(), int(time.monotonic() // every))


@cache
def _compiled(wide: bool) -> tuple[str, tuple[Any, ...]]:
    """The query for anybody, a row for each team. To write it costs far more than to run it, and it is asked all the
    time."""
    facts = [_newest(), _underway(), _first(Connection.objects.exclude(pause="").order_by("-paused_at"), "paused_at")]
    if wide:
        facts.append(_first(Entry.objects.order_by("-pk"), "pk"))
        facts.append(_judged())
        facts.append(_views())
    columns = ", ".join(sql for sql, _parameters in facts)
    given = tuple(one for _sql, parameters in facts for one in parameters)
    memberships = f"{Membership._meta.db_table} AS {MINE} WHERE {MINE}.person_id = %s ORDER BY {MINE}.team_id"
    return f"SELECT {MINE}.team_id, {columns} FROM {memberships}", (*given, ANYBODY)  # noqa: S608 - all names are our own


def _of_team() -> ExtractionQuerySet:
    """Through the gate, and of the team of the membership that is looked at: of all teams at once SQLite would read or
    sort all documents."""
    return Extraction.objects.visible_to(User(pk=ANYBODY)).filter(team_id=OF_MINE)


def _first(rows: QuerySet[Any], column: str) -> Fact:
    sql, parameters = rows.values(column)[:1].query.sql_with_params()
    return f"({sql})", parameters


def _views() -> Fact:
    """Saved views come and go, and never change."""
    rows = SavedView.objects.visible_to(User(pk=ANYBODY)).order_by().values(one=Value(1))
    sql, parameters = rows.annotate(sum=Sum("pk")).values("sum").query.sql_with_params()
    return f"({sql})", parameters


def _newest() -> Fact:
    return _first(_of_team().order_by("-state_changed_at", "-pk"), "state_changed_at")


def _underway() -> Fact:
    """The sum and the latest clock of the newest in each state on the way, as a text."""
    shown = ("state", "extraction_step", "trouble", "status", "cancel_requested_at", "next_try_at")
    walks, given = [], []
    for state in Extraction.UNDERWAY:
        rows = _of_team().filter(state=state).newest_first().values(*shown)[:MOST_OF_A_STATE]
        sql, parameters = rows.query.sql_with_params()
        walks.append(f"SELECT * FROM ({sql}) AS walk")  # noqa: S608 - as above
        given += parameters
    clock = f"CASE WHEN trouble <> '' OR state = '{Extraction.State.CHECKING}' THEN next_try_at END"
    texts = f"CAST(sum({_weight()}) AS text) || ' ' || coalesce(CAST(max({clock}) AS text), '')"
    return f"(SELECT {texts} FROM ({' UNION ALL '.join(walks)}) AS underway)", tuple(given)  # noqa: S608 - as above


def _judged() -> Fact:
    """Of those whose values are looked for, the next ones; whoever is first leaves first."""
    rows = Extraction.objects.filter(evidence_due_at__isnull=False).order_by("evidence_due_at")
    sql, parameters = rows.values("pk")[:MOST_OF_A_STATE].query.sql_with_params()
    return f"(SELECT sum(pk) FROM ({sql}) AS judged)", parameters  # noqa: S608 - as above


def _weight() -> str:
    """What a row on the way shows, as a number."""
    marks = [*(f"extraction_step = '{step}'" for step in Step.values)]
    marks += [f"state = '{state}'" for state in Extraction.UNDERWAY]
    marks += ["trouble = ''", "cancel_requested_at IS NULL", "status = 'CREATED'"]
    parts = [f"CASE WHEN {mark} THEN {WEIGHTS[number]} ELSE 0 END" for number, mark in enumerate(marks)]
    return " + ".join([str(WEIGHTS[-1]), *parts])
