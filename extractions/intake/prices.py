"""Price per page: from a team's similar documents, or the list price if there are too few."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from django.core.cache import cache

from extractions.models import Extraction

SAMPLE_SIZE = 50  # latest finished documents considered
MIN_SAMPLE = 3
CACHE_SECONDS = 300  # seconds
# List prices per page: plain, with a schema, and the surcharge for a classifier.
PLAIN, WITH_SCHEMA, CLASSIFYING = 2, 3, 1


@dataclass(frozen=True, slots=True)
class PriceGroup:
    """What documents with comparable prices have in common."""

    team: int
    connection: int
    schema: int | None
    classified: bool


@dataclass(frozen=True, slots=True)
class Price:
    """Credits per page: 10th percentile, median and 90th percentile."""

    low: float
    usual: float
    high: float


def current_price(like: PriceGroup) -> Price:
    paid = Extraction.objects.filter(
        team=like.team,
        connection=like.connection,
        schema=like.schema,
        classifier__isnull=not like.classified,
        credit_used__gt=0,
        # Deleted documents keep their price, but not their options.
        delete_requested_at__isnull=True,
    ).finished()
    columns = ("credit_used", "page_count", "pdf_page_start", "pdf_page_end")
    rows = paid.only(*columns).newest_first()[:SAMPLE_SIZE]
    rates = sorted((row.credit_used or 0) / row.requested_pages for row in rows)
    if len(rates) < MIN_SAMPLE:
        public = (PLAIN if like.schema is None else WITH_SCHEMA) + CLASSIFYING * like.classified
        return Price(public, public, public)
    return Price(rates[len(rates) // 10], median(rates), rates[len(rates) * 9 // 10])


def cached_price(like: PriceGroup) -> Price:
    """As `current_price`, cached for `CACHE_SECONDS`; for display only."""
    key = f"price:{like.team}:{like.connection}:{like.schema}:{like.classified}"
    price: Price | None = cache.get(key)
    if price is None:
        price = current_price(like)
        cache.set(key, price, CACHE_SECONDS)
    return price
