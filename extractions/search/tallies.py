"""Reading the counters that triggers keep, and adding up old ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, IntegerField, QuerySet, Sum, Value, When

from extractions.models import Tally

MANY = 5_000  # single changes that are worth adding up


def by_state(teams: Collection[int] | QuerySet[Any]) -> Counter[str]:
    """How many documents are in each state, of all time."""
    rows = Tally.objects.filter(team_number__in=teams, moment__isnull=True).order_by()
    return Counter({state: count for state, count in rows.values_list("state").annotate(Sum("documents")) if count > 0})


def by_period(teams: Collection[int], beginnings: Sequence[datetime]) -> list[Counter[str]]:
    """How many of what was received in each period are in each state. A period ends where the next one begins."""
    rows = Tally.objects.filter(team_number__in=teams, moment__gte=beginnings[0]).order_by()
    latest_first = [When(moment__gte=moment, then=Value(at)) for at, moment in reversed(list(enumerate(beginnings)))]
    period = Case(*latest_first, output_field=IntegerField())
    found: list[Counter[str]] = [Counter() for _beginning in beginnings]
    for at, state, count in rows.annotate(period=period).values_list("period", "state").annotate(Sum("documents")):
        found[at][state] = count
    return found


def add_up() -> int:
    """Replace many single changes of the same kind by their sum; how many rows that saved."""
    before = Tally.objects.count()
    kinds = Tally.objects.order_by().values("team_number", "moment", "state", "schema_number").distinct().count()
    if before - kinds < MANY:
        return 0
    # One statement: a change that comes in meanwhile is either in the sum or stays beside it.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM extractions_tally")
        last = cursor.fetchone()[0]
        if connection.vendor == "postgresql":
            cursor.execute(_IN_ONE, [last])
        else:
            cursor.execute(_SUM, [last])
            cursor.execute("DELETE FROM extractions_tally WHERE id <= %s", [last])
    return before - Tally.objects.count()


_COLUMNS = "team_number, moment, state, schema_number, documents, credits"
_KIND = "team_number, moment, state, schema_number"
_SUMS = f"SELECT {_KIND}, sum(documents), sum(credits)"
_SUM = (
    f"INSERT INTO extractions_tally({_COLUMNS}) {_SUMS} FROM extractions_tally WHERE id <= %s"
    f" GROUP BY {_KIND} HAVING sum(documents) <> 0 OR sum(credits) <> 0"
)
_IN_ONE = (
    "WITH gone AS (DELETE FROM extractions_tally WHERE id <= %s RETURNING *)"  # noqa: S608
    f" INSERT INTO extractions_tally({_COLUMNS}) {_SUMS} FROM gone"
    f" GROUP BY {_KIND} HAVING sum(documents) <> 0 OR sum(credits) <> 0"
)
