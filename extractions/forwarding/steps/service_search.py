"""Searches the service for one of our keys, with bounds that hold whatever it responds.

A normal search takes two lists and one document. Requests beyond that, because lists do not end or name unrelated
documents, are limited per search, and per connection and hour.
"""

from __future__ import annotations

from django.db.models import F, Q

from extractions import clock
from extractions.forwarding.api.answers import Answer
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.time_scale import hours, span
from extractions.models import Connection
from extractions.models.error_codes import ErrorCode
from portal.database_retry import retry_on_database_error

UNSEARCHABLE = ErrorCode.UNSEARCHABLE
SEARCH_LIMIT = ErrorCode.SEARCH_LIMIT
"""Not searched: the connection's hourly quota is used up."""
INCONCLUSIVE = frozenset({UNSEARCHABLE, SEARCH_LIMIT})
"""Codes that say nothing about the connection or about other documents."""
MAX_PAGES = 3
"""Per list."""
MAX_OPENED = 12
"""Candidates retrieved per search to verify their key."""
USUAL_REQUESTS = 3
MAX_EXTRA_PER_HOUR = 600


def find_by_key(connection: Connection, client: Client, key: str) -> list[Answer]:
    """The extracts whose metadata carry exactly this key, oldest first.

    The service's filters are not trusted, so every candidate is retrieved. An incomplete search without a hit raises
    `ApiUnavailable` with `UNSEARCHABLE`, an exhausted quota with `SEARCH_LIMIT`.
    """
    _check_allowance(connection)
    before = client.request_count
    try:
        return _search(client, key)
    finally:
        extra = client.request_count - before - USUAL_REQUESTS
        if extra > 0:
            retry_on_database_error(_charge, connection, extra)


def _search(client: Client, key: str) -> list[Answer]:
    complete, opened = True, 0
    for query in ({"meta_key": "portal_key", "meta_value": key}, {"search": key}):
        listed = client.search(most_pages=MAX_PAGES, **query)
        # The uploaded file name contains the key, so likely candidates come first.
        candidates = sorted(
            (item for item in listed.items if not _belongs_to_another(item, key)), key=lambda item: key not in str(item)
        )
        chosen = [str(item.get("id", "")) for item in candidates[: MAX_OPENED - opened]]
        complete &= listed.complete and len(chosen) == len(candidates)
        opened += len(chosen)
        if hits := _confirmed(client, chosen, key):
            return hits
    if not complete:
        raise ApiUnavailable(UNSEARCHABLE, "the search does not come to an end")
    return []


def _belongs_to_another(item: dict[str, object], key: str) -> bool:
    """Whether the list already shows another portal key, so it need not be retrieved."""
    metadata = item.get("metadata")
    theirs = metadata.get("portal_key") if isinstance(metadata, dict) else None
    return isinstance(theirs, str) and theirs != key


def _confirmed(client: Client, candidates: list[str], key: str) -> list[Answer]:
    hits = []
    for remote_id in candidates:
        if not remote_id:
            continue
        try:
            answer = client.retrieve(remote_id)
        except ApiRejected:
            continue
        if answer.portal_key == key:
            hits.append(answer)
    return sorted(hits, key=lambda hit: (hit.created_at is None, hit.created_at.timestamp() if hit.created_at else 0))


def _check_allowance(connection: Connection) -> None:
    """Raise `ApiUnavailable` if the hourly quota, shared by all processes, is used up."""
    columns = ("search_window_at", "search_extra")
    row = Connection.objects.filter(pk=connection.pk).values_list(*columns).first()
    begun_at, extra = row or (None, 0)
    if begun_at is None or extra < MAX_EXTRA_PER_HOUR:
        return
    left = begun_at + hours(1) - clock.now()
    if left > span(0):
        raise ApiUnavailable(SEARCH_LIMIT, "searching took too many requests", retry_after=left / span(1))


def _charge(connection: Connection, extra: int) -> None:
    now = clock.now()
    rows = Connection.objects.filter(pk=connection.pk)
    over = Q(search_window_at__isnull=True) | Q(search_window_at__lte=now - hours(1))
    # A window that starts in the future was set by a wrong clock.
    if not rows.filter(over | Q(search_window_at__gt=now)).update(search_window_at=now, search_extra=extra):
        rows.update(search_extra=F("search_extra") + extra)
