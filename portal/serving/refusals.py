"""Error responses of the server itself, in a sentence for people, or in JSON for programs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils import translation

Environ = dict[str, Any]
API_PREFIX = "/api/"
"""Below it, programs get JSON."""
LINGER_SECONDS, READ_TIMEOUT_SECONDS = 5.0, 2.0
"""How long the rest of a refused body is discarded, so that its client gets to read the response."""


class Refusal(Exception):
    """The request is not passed to the application. `sentence` may be a lazy translation."""

    def __init__(
        self,
        status: HTTPStatus,
        sentence: object,
        *,
        retry_after: int = 0,
        challenge: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """`facts` are told to programs instead of the sentence, `challenge` in `WWW-Authenticate`."""
        super().__init__(status)
        self.status = status
        self.sentence = sentence
        self.retry_after = retry_after
        self.challenge = challenge
        self.facts = facts


class ClientGone(Exception):
    """The client has disconnected, or was disconnected because it was too slow."""


async def send_refusal(refusal: Refusal, environ: Environ, receive: Any, send: Any) -> None:
    kind, body = _render(refusal, environ)
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    ]
    if refusal.retry_after:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    if refusal.challenge:
        headers.append((b"www-authenticate", refusal.challenge.encode()))
    await send({"type": "http.response.start", "status": int(refusal.status), "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            await _discard_rest(receive)
    except TimeoutError as error:
        raise ClientGone from error  # the client had enough time to read the response
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _discard_rest(receive: Any) -> None:
    more = True
    while more:
        async with asyncio.timeout(READ_TIMEOUT_SECONDS):
            message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)


def _render(refusal: Refusal, environ: Environ) -> tuple[bytes, bytes]:
    with translation.override(_language_of(environ)):
        sentence = str(refusal.sentence)
    if environ.get("PATH_INFO", "").startswith(API_PREFIX):
        body = refusal.facts or {"detail": sentence}
        return b"application/json", json.dumps(body, ensure_ascii=False).encode()
    if "text/html" not in environ.get("HTTP_ACCEPT", "") or "HTTP_HX_REQUEST" in environ:
        return b"text/plain; charset=utf-8", f"{sentence}\n".encode()
    page = (
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{int(refusal.status)}</title><p>{escape(sentence)}</p>"
    )
    return b"text/html; charset=utf-8", page.encode()


def _language_of(environ: Environ) -> str:
    request = HttpRequest()
    request.META = environ
    request.COOKIES = parse_cookie(environ.get("HTTP_COOKIE", ""))
    return translation.get_language_from_request(request)
