"""The MCP server over streamable HTTP. Every request carries the token; there are no sessions to take over."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from anyio import to_thread
from django.conf import settings
from django.db import close_old_connections
from django.http.request import split_domain_port, validate_host
from django.utils import translation
from mcp.server import ServerRequestContext
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from extractions.mcp_server.access import SCOPE, Denied, ScopeMissing, TooMany, admit
from extractions.mcp_server.protocol import BUSY, make_server
from portal.client_network import forwarded_address
from portal.database_retry import TRANSIENT_ERRORS
from portal.people.api_tokens import CHALLENGE, Grant

PATH = "/mcp"
MAX_BODY_BYTES = 256 * 1024
MAX_CONNECTIONS = 200

log = logging.getLogger(__name__)


class Gate:
    """Lets in only requests to a host of ours, of no foreign page, with a token that reads."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _foreign(headers)
        if refusal is None:
            found = await to_thread.run_sync(_admitted, headers.get("authorization", ""))
            if isinstance(found, JSONResponse):
                refusal = found
            else:
                scope["grant"] = found
                scope["peer"] = _peer(scope, headers)
        await (self.app if refusal is None else refusal)(scope, receive, send)


def application() -> ASGIApp:
    server = make_server(_granted)
    return Gate(
        server.streamable_http_app(
            streamable_http_path=PATH,
            stateless_http=True,
            json_response=True,
            max_request_body_size=MAX_BODY_BYTES,
            host="",  # the hosts are checked by the gate, as those of pages are
        )
    )


def serve_http(host: str, port: int) -> None:
    """Until SIGTERM."""
    uvicorn.run(
        application(),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=10,
    )


def _granted(context: ServerRequestContext[Any, Any]) -> tuple[Grant, str]:
    scope = context.request.scope  # type: ignore[union-attr]
    return scope["grant"], scope["peer"]


def _foreign(headers: Headers) -> JSONResponse | None:
    """Refuses names that were rebound to this address, and pages of other sites."""
    hosts = settings.ALLOWED_HOSTS
    if not validate_host(split_domain_port(headers.get("host", ""))[0], hosts):
        return JSONResponse({"detail": "This host is not in ALLOWED_HOSTS."}, 421)
    origin = headers.get("origin")
    if origin and not validate_host(_host_of(origin), hosts):
        return JSONResponse({"detail": "Pages of other sites may not ask here."}, 403)
    return None


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


def _admitted(authorization: str) -> Grant | JSONResponse:
    close_old_connections()
    try:
        with translation.override(settings.LANGUAGE_CODE):
            return admit(authorization)[0]
    except Denied as error:
        return _refused(error, sent=bool(authorization.strip()))
    except TRANSIENT_ERRORS as error:
        log.warning("The database is unavailable, refusing a request: %s", error)
        return JSONResponse({"detail": BUSY}, 503, {"Retry-After": "5"})
    finally:
        close_old_connections()


def _refused(error: Denied, *, sent: bool) -> JSONResponse:
    body = {"detail": str(error)}
    if isinstance(error, TooMany):
        return JSONResponse(body, 429, error.rate.headers | {"Retry-After": str(error.rate.reset)})
    if isinstance(error, ScopeMissing):
        challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{SCOPE}"'
        return JSONResponse(body, 403, {"WWW-Authenticate": challenge})
    challenge = f'{CHALLENGE}, error="invalid_token"' if sent else CHALLENGE
    return JSONResponse(body, 401, {"WWW-Authenticate": challenge})


def _peer(scope: Scope, headers: Headers) -> str:
    """The address of the client, as that of a page's request (see `ProxyMiddleware`)."""
    peer = str((scope.get("client") or ("",))[0])
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": ", ".join(headers.getlist("x-forwarded-for"))}
    believed = settings.TRUSTED_PROXIES if settings.SECURE_PROXY_SSL_HEADER else ()
    return forwarded_address(environ, believed) or peer
