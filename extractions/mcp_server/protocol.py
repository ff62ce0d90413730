"""The tools as an MCP server, by the package `mcp`. Calls run in threads, each with its own database connection."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import anyio
import mcp_types as types
from anyio import CapacityLimiter, to_thread
from django.conf import settings
from django.db import close_old_connections
from django.utils import translation
from mcp.server import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from extractions.mcp_server.access import Denied, acting_by, admit
from extractions.mcp_server.parameters import BadInput, input_schema
from extractions.mcp_server.tools import TOOLS, call_tool
from portal.database_retry import TRANSIENT_ERRORS
from portal.people.api_tokens import Grant

NAME = "extraction-portal"
INSTRUCTIONS = """\
Reads the documents of one team in a document extraction portal: invoices, contracts and other papers with the values \
that were extracted from them. Nothing can be changed. Find documents with `find`, read their values with `read`, and \
give the page and place of what you state with `cite`. Values with `needs_attention` may be wrong: nobody has \
confirmed them."""
THREADS = 4
FAILED = "The portal could not answer. Try again; if that does not help, its log says why."
BUSY = "The portal's database is busy or away at the moment. Try again in a moment."

log = logging.getLogger(__name__)
Granting = Callable[[ServerRequestContext[Any, Any]], tuple[Grant, str]]
"""Who makes a call, and from which address. Raises `Denied`."""


def make_server(granting: Granting) -> Server[Any]:
    limiter = CapacityLimiter(THREADS)

    async def list_tools(
        context: ServerRequestContext[Any, Any], parameters: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=described_tools())

    async def call(
        context: ServerRequestContext[Any, Any], parameters: types.CallToolRequestParams
    ) -> types.CallToolResult:
        def work() -> types.CallToolResult:
            close_old_connections()
            try:
                return answer_call(lambda: granting(context), parameters.name, parameters.arguments or {})
            finally:
                close_old_connections()

        return await to_thread.run_sync(work, limiter=limiter)

    return Server(NAME, version=_version(), instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call)


def described_tools() -> list[types.Tool]:
    hints = types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    return [
        types.Tool(
            name=tool.name,
            title=tool.title,
            description=tool.description,
            input_schema=input_schema(tool.parameters),
            annotations=hints,
        )
        for tool in TOOLS.values()
    ]


def serve_stdio(authorization: str) -> None:
    """Until the client closes our input. The token is looked up at each call, so that revoking it works at once."""

    def granting(context: ServerRequestContext[Any, Any]) -> tuple[Grant, str]:
        return admit(authorization)[0], ""

    async def run() -> None:
        server = make_server(granting)
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())

    anyio.run(run)


def answer_call(granting: Callable[[], tuple[Grant, str]], name: str, given: dict[str, Any]) -> types.CallToolResult:
    try:
        with translation.override(settings.LANGUAGE_CODE):
            grant, address = granting()
            with acting_by(grant, address):
                result = call_tool(name, given, grant)
    except (BadInput, Denied) as error:
        return _error(str(error))
    except TRANSIENT_ERRORS:
        log.warning("The MCP tool %s met a busy database", name[:40], exc_info=True)
        return _error(BUSY)
    except Exception:
        log.exception("The MCP tool %s failed", name[:40])
        return _error(FAILED)
    text = json.dumps(result, ensure_ascii=False, default=str)
    return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=json.loads(text))


def _error(sentence: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=sentence)], is_error=True)


def _version() -> str:
    try:
        return version(NAME)
    except PackageNotFoundError:
        return ""
