"""What a document will cost, and whether its team may still spend that."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils import timezone

from extractions.models import Budget, Extraction, Spending, month_of
from extractions.services.prices import Like, price_now
from extractions.services.receiving import Refused


class OverBudget(Refused):
    """The team's cap of this month would be passed. Nothing was registered."""

    def __init__(self, account: Account, wanted: int) -> None:
        super().__init__("budget", cap=account.cap, taken=account.taken, wanted=wanted)
        self.account, self.wanted = account, wanted


@dataclass(frozen=True, slots=True)
class Account:
    """A team's month. `underway` is what the documents that are not finished yet are expected to cost."""

    month: date
    spent: int
    underway: int
    cap: int | None
    warn_at: int

    @property
    def taken(self) -> int:
        return self.spent + self.underway

    @property
    def left(self) -> int | None:
        return None if self.cap is None else max(0, self.cap - self.taken)

    @property
    def used_up(self) -> bool:
        return self.cap is not None and self.taken >= self.cap

    @property
    def warned(self) -> bool:
        return self.cap is not None and self.taken * 100 >= self.cap * self.warn_at

    def allows(self, credits: int) -> bool:
        return self.cap is None or self.taken + credits <= self.cap


def account_of(team: int) -> Account:
    return _account(team, Budget.objects.filter(team=team).first())


def capped_account_of(team: int) -> Account | None:
    """Only where there is a cap."""
    budget = Budget.objects.filter(team=team, cap__isnull=False).first()
    return None if budget is None else _account(team, budget)


def reserve(extraction: Extraction) -> None:
    """Note what a new document is expected to cost; raises `OverBudget`.

    Belongs into the transaction that creates the row, before it: where there is a cap, the budget is locked, so that
    those who send at the same time see each other's documents.
    """
    extraction.credits_expected = expected(extraction)
    budget = Budget.objects.select_for_update().filter(team=extraction.team_id, cap__isnull=False).first()
    if budget is None:
        return
    account = _account(extraction.team_id, budget)
    if not account.allows(extraction.credits_expected):
        raise OverBudget(account, extraction.credits_expected)


def expected(extraction: Extraction) -> int:
    """As the team's like documents cost by page; where there are too few of them, by the public rates."""
    like = Like(
        team=extraction.team_id,
        connection=extraction.connection_id,
        schema=extraction.schema_id,
        classified=extraction.classifier_id is not None,
    )
    return math.ceil(price_now(like).usual * extraction.pages_asked)


def _account(team: int, budget: Budget | None) -> Account:
    month = month_of(timezone.now())
    # Deleted ones count as long as they are on the way: what arrives there is paid.
    underway = Extraction.objects.filter(team=team).in_progress().aggregate(sum=Sum("credits_expected"))
    return Account(
        month=month,
        spent=Spending.objects.in_month(team, month),
        underway=int(underway["sum"] or 0),
        cap=budget.cap if budget else None,
        warn_at=budget.warn_at if budget else 100,
    )
