"""API failures, named for what the caller does next; `outcomes` chooses which."""

from __future__ import annotations

from extractions.forwarding.api.network_errors import CONNECTION_CUT, TIMED_OUT
from extractions.models.error_codes import ErrorCode


class ApiError(Exception):
    """`code` is stable and for programs, `detail` is the service's own message, if any."""

    def __init__(self, code: ErrorCode, detail: str = "", *, http_status: int | None = None) -> None:
        super().__init__(code, detail, http_status)
        self.code, self.detail, self.http_status = code, detail, http_status

    @property
    def detailed_code(self) -> ErrorCode:
        """The code stored with a document: tells timeouts, cut connections and error responses apart."""
        if self.code != ErrorCode.UNAVAILABLE:
            return self.code
        if self.http_status is None:
            return {TIMED_OUT: ErrorCode.TIMEOUT, CONNECTION_CUT: ErrorCode.CONNECTION_CUT}.get(self.detail, self.code)
        return ErrorCode.ERROR_RESPONSE if self.http_status >= 300 else ErrorCode.CORRUPT


class ApiUnavailable(ApiError):
    """Transient: retry later. Codes: unavailable, key_refused, no_credits, rate, wrong_address, corrupt, unsearchable,
    search_limit."""

    def __init__(
        self, code: ErrorCode, detail: str = "", *, http_status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(code, detail, http_status=http_status)
        self.retry_after = retry_after


class ApiRejected(ApiError):
    """Permanent: report it, do not retry. Codes: refused, gone, foreign, too_large."""


class ApiUnclear(ApiError):
    """The service may have accepted the document: reconcile before sending again."""
