"""The plays. Each gets the request and the way on, and answers in its own manner."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from engine.strangeness import rewrites

GoOn = Callable[[WSGIRequest], HttpResponseBase]
HTML = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"


class Scope(StrEnum):
    """What an order waits for."""

    UPLOAD = "upload"
    READ = "read"
    ANY = "any"
    JOB = "job"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Play:
    scope: Scope
    run: Callable[[WSGIRequest, GoOn, float | None], HttpResponseBase]


def proxy_page(status: float) -> HttpResponse:
    return HttpResponse(HTML.format(f"{status:g}"), status=int(status), content_type="text/html")


def accept_late(request: WSGIRequest, go_on: GoOn, seconds: float | None) -> HttpResponseBase:
    """504 at once; the document turns up some seconds later."""
    body = request.environ["wsgi.input"].read(int(request.META.get("CONTENT_LENGTH") or 0))
    later = WSGIRequest(request.environ | {"wsgi.input": io.BytesIO(body)})

    def accept() -> None:
        go_on(later).close()
        connection.close()

    timer = threading.Timer(seconds if seconds is not None else 5, accept)
    timer.daemon = True
    timer.start()
    return proxy_page(504)


def accept_5xx(request: WSGIRequest, go_on: GoOn, status: float | None) -> HttpResponseBase:
    """Accepted, but a proxy says otherwise."""
    go_on(request).close()
    return proxy_page(status or 502)


def accept_cut(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    """Accepted, and the line is cut before the answer."""
    go_on(request).close()
    request.environ["engine.cut"]()
    return HttpResponse()


def accept_slow(request: WSGIRequest, go_on: GoOn, seconds: float | None) -> HttpResponseBase:
    """Accepted at once, answered much later."""
    answer = go_on(request)
    time.sleep(seconds if seconds is not None else 30)
    return answer


def accept_202(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    answer = go_on(request)
    answer.status_code = 202 if answer.status_code == 201 else answer.status_code
    return answer


def accept_without_id(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    """Accepted, with an answer that does not tell the id."""
    answer = go_on(request)
    answer.close()
    return JsonResponse({}, status=answer.status_code)


def refuse_5xx(request: WSGIRequest, go_on: GoOn, status: float | None) -> HttpResponseBase:
    """Not accepted."""
    return proxy_page(status or 503)


def redirect_307(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    """A client that follows sends the document a second time."""
    return HttpResponse(status=307, headers={"Location": request.get_full_path()})


def no_credits_fields(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    return JsonResponse({"document": ["Not enough credits."]}, status=403)


def no_credits_detail(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    return JsonResponse({"detail": "You do not have enough credits to perform this action."}, status=403)


def busy_429(request: WSGIRequest, go_on: GoOn, seconds: float | None) -> HttpResponseBase:
    answer = JsonResponse({"detail": "Request was throttled."}, status=429)
    answer["Retry-After"] = f"{seconds or 1:g}"
    return answer


def expired_key(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    message = {"token_class": "AccessToken", "token_type": "access", "message": "Token is expired"}
    body = {"detail": "Given token not valid for any token type", "code": "token_not_valid", "messages": [message]}
    return JsonResponse(body, status=401)


def unauthorized_502(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    """A proxy that makes a 502 of every 401."""
    answer = go_on(request)
    return proxy_page(502) if answer.status_code == 401 else answer


def french(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    with translation.override("fr"):
        return go_on(request)


def drip(request: WSGIRequest, go_on: GoOn, seconds: float | None) -> HttpResponseBase:
    """Byte after byte, so that no single read times out."""
    answer = go_on(request)
    if not isinstance(answer, HttpResponse):
        return answer
    pause = (seconds if seconds is not None else 60) / max(len(answer.content), 1)

    def drops() -> Iterator[bytes]:
        for byte in answer.content:
            time.sleep(pause)
            yield bytes([byte])

    dripping = StreamingHttpResponse(drops(), status=answer.status_code, content_type=answer["Content-Type"])
    dripping["Content-Length"] = str(len(answer.content))
    return dripping


def not_ready(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    return JsonResponse({}, status=202)


def rewrite(change: Callable[[dict[str, Any], WSGIRequest], None]) -> Callable[..., HttpResponseBase]:
    """The play that answers as always, but with every extract of the answer changed."""

    def play(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
        answer = go_on(request)
        if isinstance(answer, HttpResponse) and answer.status_code < 300 and "json" in answer["Content-Type"]:
            body = json.loads(answer.content)
            for extract in _extracts(body):
                change(extract, request)
            answer.content = json.dumps(body).encode()
        return answer

    return play


def _extracts(body: Any) -> list[dict[str, Any]]:
    found = body.get("results", [body]) if isinstance(body, Mapping) else body
    return [extract for extract in found if "document_url" in extract]


def _none(request: WSGIRequest, go_on: GoOn, _: float | None) -> HttpResponseBase:
    """Jobs and webhooks are played elsewhere."""
    return go_on(request)


PLAYS: dict[str, Play] = {
    "accept-late": Play(Scope.UPLOAD, accept_late),
    "accept-5xx": Play(Scope.UPLOAD, accept_5xx),
    "accept-cut": Play(Scope.UPLOAD, accept_cut),
    "accept-slow": Play(Scope.UPLOAD, accept_slow),
    "accept-202": Play(Scope.UPLOAD, accept_202),
    "accept-without-id": Play(Scope.UPLOAD, accept_without_id),
    "refuse-5xx": Play(Scope.UPLOAD, refuse_5xx),
    "redirect-307": Play(Scope.UPLOAD, redirect_307),
    "no-credits-fields": Play(Scope.UPLOAD, no_credits_fields),
    "no-credits-detail": Play(Scope.UPLOAD, no_credits_detail),
    "busy-429": Play(Scope.ANY, busy_429),
    "expired-key": Play(Scope.ANY, expired_key),
    "unauthorized-502": Play(Scope.ANY, unauthorized_502),
    "french": Play(Scope.ANY, french),
    "drip": Play(Scope.ANY, drip),
    "not-ready": Play(Scope.READ, not_ready),
    "unknown-status": Play(Scope.ANY, rewrite(rewrites.unknown_status)),
    "extra-fields": Play(Scope.ANY, rewrite(rewrites.extra_fields)),
    "missing-fields": Play(Scope.ANY, rewrite(rewrites.missing_fields)),
    "null-names": Play(Scope.ANY, rewrite(rewrites.null_names)),
    "absolute-urls": Play(Scope.ANY, rewrite(rewrites.absolute_urls)),
    "foreign-urls": Play(Scope.ANY, rewrite(rewrites.foreign_urls)),
    "schema-object": Play(Scope.ANY, rewrite(rewrites.schema_object)),
    "data-as-text": Play(Scope.ANY, rewrite(rewrites.data_as_text)),
    "other-timestamps": Play(Scope.ANY, rewrite(rewrites.other_timestamps)),
    "slow-job": Play(Scope.JOB, _none),
    "failing-job": Play(Scope.JOB, _none),
    "double-webhooks": Play(Scope.WEBHOOK, _none),
}


def names(*scopes: Scope) -> set[str]:
    return {name for name, play in PLAYS.items() if play.scope in scopes}
