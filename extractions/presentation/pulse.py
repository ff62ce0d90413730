"""Whether anything changed that a person may see, by one query: what a page that refreshes itself asks first."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Case, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable

from extractions.models import Connection, Extraction
from portal.audit.models import Entry
from portal.people.models import Membership, User

Step = Extraction.Step
ANYBODY = -1  # stands for the person in the compiled query; no row has it
# One large number for each thing that a row on the way can show. Their sum is another one whenever a row moves on; that
# two moves in the same second take each other away happens once in a thousand million times.
WEIGHTS = tuple((0x9E3779B97F4A7C15 * (number + 1)) % 2**40 for number in range(16))


def pulse(person: User, *, every: int = 20, wide: bool = False) -> tuple[object, ...]:
    """Facts that are equal as long as nothing moved among the documents of this person's teams.

    The newest change tells of all that came to rest; the sum and the latest clock tell of what is on the way. A `wide`
    one tells of what people do with documents, too, and of values that are looked for in them: anybody's deeds, so it
    may differ where nothing that this person sees does. What none of it tells is told after `every` seconds at the
    latest.
    """
    sql, parameters = _compiled(wide)
    with connection.cursor() as cursor:
        cursor.execute(sql, [person.pk if one == ANYBODY else one for one in parameters])
        return (*(cursor.fetchone() or ()), int(time.monotonic() // every))


@cache
def _compiled(wide: bool) -> tuple[str, tuple[Any, ...]]:
    """The query for anybody. To write it costs far more than to run it, and it is asked all the time."""
    anybody = User(pk=ANYBODY)
    visible = Extraction.objects.visible_to(anybody)
    # Team by team: of all teams at once SQLite would sort all documents.
    of_team = visible.filter(team=OuterRef("team")).order_by("-state_changed_at", "-pk").values("state_changed_at")[:1]
    teams = Membership.objects.filter(person=ANYBODY).order_by().values(one=Value(1))
    newest = teams.annotate(newest=Max(Subquery(of_team))).values("newest")
    underway = visible.in_progress().order_by().values(one=Value(1))
    moving = underway.annotate(sum=Sum(_weight())).values("sum")
    clocks = underway.filter(~Q(trouble="") | Q(state=Extraction.State.CHECKING))
    clock = clocks.annotate(latest=Max("next_try_at")).values("latest")
    paused = Connection.objects.exclude(pause="").order_by("-paused_at").values("paused_at")[:1]
    facts = [newest, moving, clock, paused]
    if wide:
        facts.append(Entry.objects.order_by("-pk").values("pk")[:1])
        judged = visible.filter(evidence_due_at__isnull=False).order_by().values(one=Value(1))
        facts.append(judged.annotate(sum=Sum("pk")).values("sum"))
    row = User.objects.filter(pk=ANYBODY).values_list(*(Subquery(fact) for fact in facts))
    sql, parameters = row.query.sql_with_params()
    return sql, tuple(parameters)


def _weight() -> Combinable:
    """What a row on the way shows, as a number."""
    shown = [
        *(Q(extraction_step=step) for step in Step.values),
        *(Q(state=state) for state in Extraction.UNDERWAY),
    ]
    marks = [Q(trouble=""), Q(cancel_requested_at__isnull=True), Q(status="CREATED")]
    weight: Combinable = Value(WEIGHTS[-1], output_field=BigIntegerField())
    for number, one in enumerate([*shown, *marks]):
        weight = weight + Case(When(one, then=Value(WEIGHTS[number])), default=Value(0), output_field=BigIntegerField())
    return weight
