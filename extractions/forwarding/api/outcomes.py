"""What a response means: the answer in it, or one of the three exceptions in `errors`."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from extractions.forwarding.api.answers import Answer, SchemaAnswer, error_text, read_answer, read_json, read_schema
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.api.reply import Reply
from extractions.models.error_codes import ErrorCode

ACCEPTED_STATUSES = (200, 201, 202)
REFUSED_STATUSES = (400, 413, 415, 422)
NO_SUCH_ENDPOINT = (404, 405, 501)
CODES_BY_STATUS = {
    401: ErrorCode.KEY_REFUSED,
    429: ErrorCode.RATE_LIMIT,
    404: ErrorCode.WRONG_ADDRESS,
    405: ErrorCode.WRONG_ADDRESS,
}


def created(reply: Reply, *, released: bool) -> Answer:
    """Interpret the response to an upload."""
    detail = error_text(reply.body)
    if reply.status in ACCEPTED_STATUSES and (answer := read_answer(read_json(reply.body))) is not None:
        return answer
    if reply.status in REFUSED_STATUSES:
        raise ApiRejected(
            ErrorCode.TOO_LARGE if reply.status == 413 else ErrorCode.REFUSED, detail, http_status=reply.status
        )
    if reply.status == 403:
        raise ApiUnavailable(ErrorCode.NO_CREDITS, detail, http_status=403)
    if reply.status in CODES_BY_STATUS or 300 <= reply.status < 400:
        raise unavailable(reply)
    raise failure(released, detail, http_status=reply.status)


def created_schema(reply: Reply) -> SchemaAnswer:
    """Interpret the response to a new schema, which costs nothing: 403 is a refusal like any other."""
    answer = read_schema(read_json(reply.body)) if reply.status in ACCEPTED_STATUSES else None
    if answer is not None:
        return answer
    detail = error_text(reply.body)
    if reply.status in NO_SUCH_ENDPOINT:
        raise ApiRejected(ErrorCode.WRONG_ADDRESS, detail, http_status=reply.status)
    if reply.status in {*REFUSED_STATUSES, 403}:
        raise ApiRejected(ErrorCode.REFUSED, detail, http_status=reply.status)
    if reply.status in CODES_BY_STATUS or 300 <= reply.status < 400:
        raise unavailable(reply)
    raise failure(True, detail, http_status=reply.status)


def failure(released: bool, detail: str, *, http_status: int | None = None) -> ApiUnclear | ApiUnavailable:
    """Before the gate a failure is safe to retry; after it, the outcome is unknown."""
    kind = ApiUnclear if released else ApiUnavailable
    return kind(ErrorCode.UNAVAILABLE, detail, http_status=http_status)


def unavailable(reply: Reply) -> ApiUnavailable:
    wrong_address = 300 <= reply.status < 400
    code = ErrorCode.WRONG_ADDRESS if wrong_address else CODES_BY_STATUS.get(reply.status, ErrorCode.UNAVAILABLE)
    detail = reply.headers.get("Location", "") if wrong_address else error_text(reply.body)
    return ApiUnavailable(code, detail, http_status=reply.status, retry_after=reply.retry_after)


def json_or_raise(reply: Reply) -> object:
    """The JSON of a successful read; raises `ApiUnavailable` otherwise."""
    if reply.status not in {200, 202}:
        raise unavailable(reply)
    value = read_json(reply.body)
    if value is None:
        code = ErrorCode.UNAVAILABLE if reply.status == 202 else ErrorCode.CORRUPT
        raise ApiUnavailable(code, error_text(reply.body)[:200], http_status=reply.status)
    return value


def results(page: object) -> list[dict[str, object]]:
    results = page.get("results") if isinstance(page, dict) else page
    if not isinstance(results, list):
        raise ApiUnavailable(ErrorCode.CORRUPT, "the answer is not a list")
    return [item for item in results if isinstance(item, dict)]


def query_of(url: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(url).query))
    except ValueError as error:
        raise ApiUnavailable(ErrorCode.CORRUPT, "the next page of the list has no address") from error
