"""Cost estimates and the monthly budget check."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils import timezone

from extractions.intake.prices import WITH_SCHEMA, PriceGroup, current_price
from extractions.intake.receiving import Refused
from extractions.models import Budget, Connection, Extraction, Spending, TrialDocument, month_of


class OverBudget(Refused):
    """The document would exceed the team's monthly cap. Nothing was registered."""

    def __init__(self, account: Account, wanted: int) -> None:
        super().__init__("budget", cap=account.cap, taken=account.taken, wanted=wanted)
        self.account, self.wanted = account, wanted


@dataclass(frozen=True, slots=True)
class Account:
    """A team's month in credits. `underway` is the estimate for unfinished documents."""

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
    """As `account_of`, but None for a team without a cap."""
    budget = Budget.objects.filter(team=team, cap__isnull=False).first()
    return None if budget is None else _account(team, budget)


def reserve(extraction: Extraction) -> None:
    """Set the document's expected cost; raises `OverBudget`.

    Call in the transaction that creates the row, before the insert: a capped budget is locked, so that concurrent
    submissions see each other's documents.
    """
    extraction.credits_expected = expected_credits(extraction)
    budget = Budget.objects.select_for_update().filter(team=extraction.team_id, cap__isnull=False).first()
    if budget is None:
        return
    account = _account(extraction.team_id, budget)
    if not account.allows(extraction.credits_expected):
        raise OverBudget(account, extraction.credits_expected)


def reserve_credits(team: int, credits: int) -> None:
    """As `reserve`, for what is no document; raises `OverBudget`. Call before the rows that cost it are inserted."""
    budget = Budget.objects.select_for_update().filter(team=team, cap__isnull=False).first()
    if budget is not None and not (account := _account(team, budget)).allows(credits):
        raise OverBudget(account, credits)


def expected_trial_credits(extraction: Extraction, connection: Connection) -> int:
    """Credits for reading the document once more with some schema, and without a classifier."""
    like = PriceGroup(extraction.team_id, connection.pk, extraction.schema_id, classified=False)
    price = current_price(like).usual if extraction.schema_id else WITH_SCHEMA
    return math.ceil(price * extraction.requested_pages)


def expected_credits(extraction: Extraction) -> int:
    """Credits for the requested pages, at the team's median price for similar documents, else at list price."""
    like = PriceGroup(
        team=extraction.team_id,
        connection=extraction.connection_id,
        schema=extraction.schema_id,
        classified=extraction.classifier_id is not None,
    )
    return math.ceil(current_price(like).usual * extraction.requested_pages)


def _account(team: int, budget: Budget | None) -> Account:
    month = month_of(timezone.now())
    # Deleted ones count while they are underway: what arrives is charged.
    underway = Extraction.objects.filter(team=team).in_progress().aggregate(sum=Sum("credits_expected"))
    tried = TrialDocument.objects.filter(trial__team=team, state__in=TrialDocument.UNDERWAY)
    tried_sum = tried.aggregate(sum=Sum("credits_expected"))["sum"] or 0
    return Account(
        month=month,
        spent=Spending.objects.in_month(team, month),
        underway=int(underway["sum"] or 0) + int(tried_sum),
        cap=budget.cap if budget else None,
        warn_at=budget.warn_at if budget else 100,
    )
