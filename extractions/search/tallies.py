"""Reading the counters that triggers keep, and adding up old ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Sum

from extractions.models import Tally

MANY = 5_000  # single changes that are worth adding up


def by_state(teams: Iterable[int]) -> Counter[str]:
    """How many documents are in each state, of all time."""
    rows = Tally.objects.filter(team_number__in=list(teams), moment__isnull=True).order_by()
    return Counter({state: count for state, count in rows.values_list("state").annotate(Sum("documents")) if count > 0})


def received_since(teams: Iterable[int], moment: datetime) -> list[tuple[datetime, str, int | None, int, int]]:
    """Quarter of an hour, state, schema, documents, credits of what was received since then."""
    rows = Tally.objects.filter(team_number__in=list(teams), moment__gte=moment).order_by()
    summed = rows.values_list("moment", "state", "schema_number").annotate(Sum("documents"), Sum("credits"))
    return [row for row in summed if row[3] or row[4]]


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
