"""What a team spent in a month: by person, schema and server, and against its cap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.models import Schema, Spending
from extractions.services.budget import Account
from portal.people.models import Team, User


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    credits: int
    documents: int
    share: int
    """Percent of the month's credits."""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    head: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Month:
    credits: int
    documents: int
    tables: tuple[Table, ...]


def month_of_team(team: Team, month: date) -> Month:
    rows = Spending.objects.filter(team_number=team.pk, month=month)
    total = rows.aggregate(credits=Sum("credits"), documents=Sum("documents"))
    credits = int(total["credits"] or 0)
    people = {person.pk: str(person) for person in User.objects.filter(pk__in=rows.values("person_number"))}
    schemas = dict(Schema.objects.filter(pk__in=rows.values("schema_number")).values_list("pk", "name"))
    nobody, without = _("Removed account"), _("No schema")

    def table(title: str, head: str, column: str, names: dict[int, str] | None, unknown: str) -> Table:
        summed = rows.order_by().values_list(column).annotate(Sum("credits"), Sum("documents"))
        ordered = sorted(summed, key=lambda row: (-row[1], str(row[0])))
        return Table(title, head, tuple(_lines(ordered, names, unknown, credits)))

    return Month(
        credits,
        int(total["documents"] or 0),
        (
            table(_("By person"), _("Person"), "person_number", people, nobody),
            table(_("By schema"), _("Schema"), "schema_number", schemas, without),
            table(_("By server"), _("Server"), "server", None, ""),
        ),
    )


def months_of_team(team: Team, most: int = 24) -> list[tuple[date, int]]:
    """The months in which something was spent, newest first."""
    rows = Spending.objects.filter(team_number=team.pk).order_by().values_list("month").annotate(Sum("credits"))
    return sorted(((month, int(credits)) for month, credits in rows), reverse=True)[:most]


def sentence_of(account: Account) -> str:
    """How the month stands against the cap."""
    if account.cap is None:
        return _("There is no cap: everything that is sent is paid.")
    if account.used_up:
        return _("The cap is reached: nothing is sent for this team until next month, or until it is raised.")
    left = account.left or 0
    words = ngettext("%(left)d credit is left this month.", "%(left)d credits are left this month.", left)
    return words % {"left": left}


def _lines(
    rows: Iterable[tuple[int | str, int, int]], names: dict[int, str] | None, unknown: str, total: int
) -> Iterable[Line]:
    for number, credits, documents in rows:
        name = str(number) if names is None else names.get(int(number), unknown)
        yield Line(name, credits, documents, round(100 * credits / total) if total else 0)
