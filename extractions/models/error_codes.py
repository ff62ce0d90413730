"""Error codes of documents and connections, as stored in `error_code`, `check_outcome` and the like."""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """Stable values: stored in the database, and keys of the sentences that people read."""

    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    CONNECTION_CUT = "cut"
    ERROR_RESPONSE = "error_answer"
    CORRUPT = "corrupt"
    KEY_REFUSED = "key_refused"
    KEY_LOST = "key_lost"
    NO_CREDITS = "no_credits"
    RATE_LIMIT = "rate"
    WRONG_ADDRESS = "wrong_address"
    UNSEARCHABLE = "unsearchable"
    SEARCH_LIMIT = "search_limit"
    REFUSED = "refused"
    TOO_LARGE = "too_large"
    FOREIGN = "foreign"
    GONE = "gone"
    EXPIRED = "expired"
    ORIGINAL_MISSING = "original_missing"
    INTERRUPTED = "interrupted"
    UNDECIDED = "undecided"
    NOT_ARRIVED = "not_arrived"
    CRASHES = "crashes"
    PAID_TWICE = "paid_twice"
    SERVICE_ERROR = "service_error"
