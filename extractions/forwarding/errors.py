"""What can go wrong with the API, named for what the caller does next."""

from __future__ import annotations

from extractions.forwarding.network import CUT, TOO_LATE


class ApiError(Exception):
    """`code` is a stable word, `detail` the service's own words where there are any."""

    def __init__(self, code: str, detail: str = "", *, http_status: int | None = None) -> None:
        super().__init__(code, detail, http_status)
        self.code, self.detail, self.http_status = code, detail, http_status

    @property
    def trouble(self) -> str:
        """The word that a row keeps of it: finer than the code, for people are told how it failed."""
        if self.code != "unavailable":
            return self.code
        if self.http_status is None:
            return {TOO_LATE: "timeout", CUT: "cut"}.get(self.detail, self.code)
        return "error_answer" if self.http_status >= 300 else "corrupt"


class ApiUnavailable(ApiError):
    """Try later. Codes: unavailable, key_refused, no_credits, rate, wrong_address, corrupt."""

    def __init__(
        self, code: str, detail: str = "", *, http_status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(code, detail, http_status=http_status)
        self.retry_after = retry_after


class ApiRejected(ApiError):
    """Tell the person; trying again changes nothing. Codes: refused, gone, foreign, too_large."""


class ApiUnclear(ApiError):
    """The service may have taken the document: look before sending again."""
