"""HTTP with patience. What is safe to repeat is repeated; nothing else is."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from client.errors import ApiError, Conflict, NotFound, Refused, Unavailable, Unclear
from client.types import Json, JsonObject

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds
CONNECT_SECONDS, READ_SECONDS = 10.0, 120.0
TOO_MANY, CONFLICT = 429, 409
TRY_LATER = {408, 425, TOO_MANY}
GONE = {404, 410}


class Token(requests.auth.AuthBase):
    """As an authentication of requests, so that a .netrc file does not replace it."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self.token
        return request


class Transport:
    """`patience` is how many seconds a request may be repeated for."""

    def __init__(self, token: str, patience: float) -> None:
        self.session = requests.Session()
        self.session.auth = Token(token)
        self.patience = patience

    def call(self, method: str, url: str, *, repeatable: bool = True, **options: Json) -> requests.Response:
        return self.repeat(lambda: self.send(method, url, **options), repeatable=repeatable)

    def json(self, method: str, url: str, *, repeatable: bool = True, **options: Json) -> JsonObject:
        answer = self.repeat(lambda: self.send(method, url, **options), repeatable=repeatable, good=is_object)
        found: JsonObject = answer.json()
        return found

    def send(self, method: str, url: str, **options: Json) -> requests.Response:
        """One attempt. Redirects are not followed: the token is for this address only."""
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        return self.session.request(method, url, timeout=timeout, allow_redirects=False, **options)

    def repeat(
        self,
        send: Callable[[], requests.Response],
        *,
        repeatable: bool,
        good: Callable[[requests.Response], bool] = lambda _answer: True,
    ) -> requests.Response:
        """The first answer that is final. Raises `Unclear` where a repetition might do it twice."""
        until, pause = time.monotonic() + self.patience, FIRST_PAUSE
        while True:
            failure, wait = _attempt(send, good, repeatable)
            if isinstance(failure, requests.Response):
                return failure
            wait = max(wait, pause * random.uniform(0.7, 1.3))
            if time.monotonic() + wait > until:
                raise failure
            time.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)


def is_object(answer: requests.Response) -> bool:
    """Whether the body is a JSON object, and not the page of a proxy."""
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False


def _attempt(
    send: Callable[[], requests.Response], good: Callable[[requests.Response], bool], repeatable: bool
) -> tuple[requests.Response | ApiError, float]:
    """The final answer, or what went wrong for now and the seconds to wait; raises what is final."""
    try:
        answer = send()
    except requests.RequestException as error:
        if not (repeatable or _never_connected(error)):
            raise Unclear(f"No answer came: {error}") from error
        return Unavailable(f"No answer came: {error}"), 0.0
    if answer.status_code < 300:
        if good(answer):
            return answer, 0.0
        strange = f"{answer.status_code}: the answer is not one of the API."
        if not repeatable:
            raise Unclear(strange, status=answer.status_code)
        return Unavailable(strange, status=answer.status_code), 0.0
    if answer.status_code in TRY_LATER or (repeatable and answer.status_code >= 500):
        return _error(Unavailable, answer), _retry_after(answer)
    raise _error(_final(answer.status_code), answer)


def _final(status: int) -> type[ApiError]:
    if status >= 500:
        return Unclear
    return NotFound if status in GONE else Conflict if status == CONFLICT else Refused


def _never_connected(error: requests.RequestException) -> bool:
    reason = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError | ConnectTimeoutError)


def _retry_after(answer: requests.Response) -> float:
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isdecimal() else 0.0


def _error(kind: type[ApiError], answer: requests.Response) -> ApiError:
    if 300 <= answer.status_code < 400:
        target = answer.headers.get("Location", "elsewhere")
        return kind(f"The address redirects to {target}, where the token is not sent.", status=answer.status_code)
    try:
        body = answer.json()
    except ValueError:
        body = None
    problem: Mapping[str, Json] = body if isinstance(body, dict) else {}
    fields = problem.get("errors", {} if "detail" in problem else problem)
    sentence = problem.get("detail") or _sentence(fields) or answer.reason
    return kind(f"{answer.status_code}: {sentence}", status=answer.status_code, fields=fields)


def _sentence(fields: Mapping[str, Json]) -> str:
    """`{"server": ["This is wrong."]}` as `server: This is wrong.`"""
    sentences = ((name, [said] if isinstance(said, str) else said) for name, said in fields.items())
    return "; ".join(f"{name}: {' '.join(map(str, said))}" for name, said in sentences if isinstance(said, list))
