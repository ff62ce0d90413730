"""What reading a page costs: as a team's like documents did; where there are too few of them, by the public rates."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from django.core.cache import cache

from extractions.models import Extraction

LOOKED_AT = 50  # finished documents that a price comes from
ENOUGH = 3
REMEMBERED = 300  # seconds
# What the service publishes, by page: reading, reading with a schema, and on top of either a classifier.
PLAIN, WITH_SCHEMA, CLASSIFYING = 2, 3, 1


@dataclass(frozen=True, slots=True)
class Like:
    """What documents must have in common to cost alike."""

    team: int
    connection: int
    schema: int | None
    classified: bool


@dataclass(frozen=True, slots=True)
class Price:
    """Credits for a page: what most cost at least, the middle one, and what most cost at most."""

    low: float
    usual: float
    high: float


def price_now(like: Like) -> Price:
    paid = Extraction.objects.filter(
        team=like.team,
        connection=like.connection,
        schema=like.schema,
        classifier__isnull=not like.classified,
        credit_used__gt=0,
        # A deleted one keeps its price, but not what was asked for it.
        delete_requested_at__isnull=True,
    ).finished()
    columns = ("credit_used", "page_count", "pdf_page_start", "pdf_page_end")
    rows = paid.only(*columns).newest_first()[:LOOKED_AT]
    rates = sorted((row.credit_used or 0) / row.pages_asked for row in rows)
    if len(rates) < ENOUGH:
        public = (PLAIN if like.schema is None else WITH_SCHEMA) + CLASSIFYING * like.classified
        return Price(public, public, public)
    return Price(rates[len(rates) // 10], median(rates), rates[len(rates) * 9 // 10])


def price_lately(like: Like) -> Price:
    """For what only informs: remembered for some minutes."""
    key = f"price:{like.team}:{like.connection}:{like.schema}:{like.classified}"
    price: Price | None = cache.get(key)
    if price is None:
        price = price_now(like)
        cache.set(key, price, REMEMBERED)
    return price
