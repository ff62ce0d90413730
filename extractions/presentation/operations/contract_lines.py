"""What staff and administrators read about answers that differ from the contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, Q, When
from django.urls import reverse
from django.utils.translation import gettext as _

from extractions.models import Connection, ContractDifference, Extraction
from portal.people.models import Team, User

Kind = ContractDifference.Kind
NEW = Q(acknowledged_at=None)


@dataclass(frozen=True, slots=True)
class ContractLine:
    row: ContractDifference
    document: Extraction | None
    """In whose answer it was first seen, if the reader may open it."""

    @property
    def answer(self) -> str:
        names = {
            "Extract": _("answer about a document"),
            "ExtractV0": _("answer about a document"),
            "ParsingV0": _("answer about a document"),
            "DocumentV0": _("answer about a stored file"),
            "PaginatedExtractList": _("list of documents"),
            "ExtractSchema": _("answer about a schema"),
            "PaginatedExtractSchemaList": _("list of schemas"),
        }
        return names.get(self.row.form, self.row.form)

    @property
    def sentence(self) -> str:
        words = {"found": self.row.found, "expected": self.row.expected}
        match self.row.kind:
            case Kind.NEW_FIELD:
                return _("The contract has no such field; here it is: %(found)s.") % words
            case Kind.MISSING_FIELD:
                return _("The contract promises this field (%(expected)s); the answer lacks it.") % words
            case Kind.OTHER_TYPE:
                return _("The contract says %(expected)s; here it is: %(found)s.") % words
        return _("The contract does not know the word %(found)s.") % words

    @property
    def consequence(self) -> str:
        match self.row.kind:
            case Kind.NEW_FIELD:
                return _("Nothing is lost: it is under JSON in each document.")
            case Kind.MISSING_FIELD:
                return _("Documents show nothing in its place.")
            case Kind.OTHER_TYPE:
                return _("It is read as well as it can be; the whole answer is under JSON.")
        if self.row.path.endswith("status"):
            return _("Documents with it count as running until the service says that they are finished or failed.")
        return _("It is shown as it is.")

    @property
    def example(self) -> list[tuple[str, str, bool]]:
        """Fields around it: name, type, and whether it is the one."""
        name = self.row.path.rpartition(".")[2].removesuffix("[]")
        return [(field, kind, field == name) for field, kind in self.row.outline.items()]


def contract_lines(person: User, team: Team | None) -> list[ContractLine]:
    """New ones first. Documents only where the reader may see them."""
    rows = ContractDifference.objects.visible_to(person).select_related("connection__team", "acknowledged_by")
    if team is not None:
        rows = rows.filter(connection__team=team)
    found = list(rows.order_by(Case(When(acknowledged_at=None, then=0), default=1), "-first_seen_at", "-pk")[:500])
    known = _documents(person, [row.remote_id for row in found if row.remote_id])
    return [ContractLine(row, known.get((row.connection_id, row.remote_id))) for row in found]


def _documents(person: User, remote_ids: list[str]) -> dict[tuple[int, str], Extraction]:
    rows = Extraction.objects.visible_to(person).filter(remote_id__in=remote_ids)
    rows = rows.only("key", "name", "remote_id", "connection")
    return {(row.connection_id, row.remote_id): row for row in rows}


@dataclass(frozen=True, slots=True)
class ContractState:
    """How many differences a connection has, and where they are listed."""

    all: int
    news: int
    address: str


def contract_states(connections: Iterable[Connection], *, of_team: bool) -> dict[int, ContractState]:
    """By connection; `of_team` leads to the page of the team, not that of staff."""
    chosen = list(connections)
    rows = ContractDifference.objects.filter(connection__in=chosen).order_by().values_list("connection")
    found = {pk: (count, news) for pk, count, news in rows.annotate(every=Count("pk"), news=Count("pk", filter=NEW))}
    site = reverse("extractions:contract_differences")
    return {
        item.pk: ContractState(
            *found.get(item.pk, (0, 0)),
            reverse("extractions:team_contract_differences", args=[item.team_id]) if of_team and item.team_id else site,
        )
        for item in chosen
    }
