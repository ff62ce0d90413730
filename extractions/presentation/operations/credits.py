"""A team's monthly spending by person, schema and server, its budget, and double payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.intake.budget import Account
from extractions.models import DoublePayment, Schema, Spending
from extractions.models.extraction_queryset import LARGE_COLUMNS
from portal.people.models import Team, User

SHOWN = 50  # double payments on the page; the CSV has all


@dataclass(frozen=True, slots=True)
class CreditLine:
    name: str
    credits: int
    documents: int
    share: int
    """Percent of the month's credits."""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    head: str
    lines: tuple[CreditLine, ...]


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
    """Months with spending and their credits, newest first."""
    rows = Spending.objects.filter(team_number=team.pk).order_by().values_list("month").annotate(Sum("credits"))
    return sorted(((month, int(credits)) for month, credits in rows), reverse=True)[:most]


@dataclass(frozen=True, slots=True)
class DoublePayments:
    """Second charges by the service for documents of a team."""

    rows: tuple[DoublePayment, ...]
    open: int
    """How many are not settled."""
    credits: int
    """Known credits of the unsettled ones."""


def double_payments_of(team: Team) -> DoublePayments:
    rows = double_payment_rows(team)
    unsettled = [row for row in rows if row.settled_at is None]
    return DoublePayments(tuple(rows[:SHOWN]), len(unsettled), sum(row.credits or 0 for row in unsettled))


def double_payment_rows(team: Team) -> list[DoublePayment]:
    """All double payments, unsettled ones first."""
    rows = DoublePayment.objects.filter(extraction__team=team).select_related("extraction__connection")
    rows = rows.defer(*(f"extraction__{name}" for name in LARGE_COLUMNS))
    return list(rows.order_by(F("settled_at").asc(nulls_first=True), "-noticed_at", "-pk"))


def claim_of(team: Team) -> Iterator[list[str]]:
    """The rows of the CSV with which credits are claimed back from the service; the first is the header."""
    yield [
        "portal_key", "server", "address", "id_used", "accepted", "id_charged_again", "charged_again", "noticed",
        "credits", "estimated", "settled",
    ]  # fmt: skip
    for row in double_payment_rows(team):
        extraction = row.extraction
        yield [
            str(extraction.key), extraction.server, extraction.connection.base_url, extraction.remote_id,
            _iso(extraction.created_at), row.remote_id, _iso(row.accepted_at), _iso(row.noticed_at),
            "" if row.credits is None else str(row.credits), "yes" if row.estimated else "no", _iso(row.settled_at),
        ]  # fmt: skip


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


def sentence_of(account: Account) -> str:
    """The month's spending against the cap, as a sentence."""
    if account.cap is None:
        return _("There is no cap: everything that is sent is paid.")
    if account.used_up:
        return _("The cap is reached: nothing is sent for this team until next month, or until it is raised.")
    left = account.left or 0
    words = ngettext("%(left)d credit is left this month.", "%(left)d credits are left this month.", left)
    return words % {"left": left}


def _lines(
    rows: Iterable[tuple[int | str, int, int]], names: dict[int, str] | None, unknown: str, total: int
) -> Iterable[CreditLine]:
    for number, credits, documents in rows:
        name = str(number) if names is None else names.get(int(number), unknown)
        yield CreditLine(name, credits, documents, round(100 * credits / total) if total else 0)
