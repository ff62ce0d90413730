"""The tools: what they take and answer, and the one audit line of each call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from extractions.mcp_server import lookups
from extractions.mcp_server.parameters import BadInput, Parameter, check_arguments
from extractions.models import Extraction
from portal.audit.recording import Action, record
from portal.database_retry import only_reads
from portal.people.api_tokens import Grant

Result = dict[str, Any]
QUERY = """\
As in the portal's search box; conditions are separated by spaces and all have to hold. Words are looked for in the \
text of the documents: rent march, "net payable". Fields: total>1000, due_date<2026-12-01, supplier:"Mill Road", \
supplier:Larks*. Others: schema:Invoice, kind:invoice, state:finished, review:approved, tag:urgent, by:anna, \
received:2026-11, received:2026-11-01..2026-11-15, meta.project:alpha. Empty: all documents."""
DOCUMENT = Parameter("document", "The id of a document, as “find” gives it.", maximum=100)
SEARCHED = Parameter("query", QUERY, "")


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    look_up: Callable[..., Result | tuple[Extraction, Result]]


class WriteForbidden(Exception):
    """A tool tried to write to the database."""


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "find",
            "Find documents",
            "Lists documents of the team, newest first, with their state. `understood` says how the query was read. "
            "`values_to_check` counts values that nobody has confirmed yet or that break a rule.",
            (
                SEARCHED,
                Parameter("limit", "How many at most.", 20, minimum=1, maximum=100),
                Parameter(
                    "after", "What `next` of the answer before said, for the documents after those.", "", maximum=80
                ),
            ),
            lookups.find,
        ),
        Tool(
            "read",
            "Read a document",
            "The values extracted from a document, as people corrected them, or its text. A value with "
            "`needs_attention` has been confirmed neither by evidence nor by a person: say so when you use it. "
            "`next_start` tells that there is more.",
            (
                DOCUMENT,
                Parameter("part", "The values, or the text of the whole document.", "values", ("values", "text")),
                Parameter("start", "Where to begin: `next_start` of the answer before.", 0, maximum=100_000_000),
            ),
            lookups.read,
        ),
        Tool(
            "cite",
            "Cite a value",
            "One value with where it stands: the page (from 1), boxes as [x0, y0, x1, y1] in fractions of the page, "
            "the words printed there, the evidence for it, and who confirmed it.",
            (DOCUMENT, Parameter("path", "The path of the value, as “read” gives it: total, lines[0].amount.")),
            lookups.cite,
        ),
        Tool(
            "count",
            "Count documents",
            "How many documents match, all together or in groups (the 100 largest).",
            (SEARCHED, Parameter("by", "What to group by; nothing, if left out.", "", tuple(lookups.GROUPINGS))),
            lookups.count,
        ),
    )
}


def call_tool(name: str, given: Mapping[str, Any], grant: Grant) -> Result:
    """Raises `BadInput`. Leaves exactly one audit line, also if the call was refused."""
    entry: dict[str, Any] = {"tool": name[:40]}
    extraction: Extraction | None = None
    try:
        tool = _named(name)
        arguments = check_arguments(tool.parameters, given)
        entry |= {label: arguments[key] for key, label in RECORDED.items() if arguments.get(key)}
        with no_writes():
            found = tool.look_up(grant, **arguments)
        extraction, result = found if isinstance(found, tuple) else (None, found)
        if "documents" in result:
            entry["documents"] = len(result["documents"])
    except BadInput as error:
        entry["reason"] = str(error)[:300]
        raise
    finally:
        record(Action.MCP_CALLED, extraction, team=grant.team.pk, after=entry)
    return result


def _named(name: str) -> Tool:
    if name not in TOOLS:
        raise BadInput(_("There is no tool “%(name)s”.") % {"name": name[:100]})
    return TOOLS[name]


RECORDED = {"query": "search", "path": "field", "part": "part"}
"""The arguments that the audit line keeps, and the names that its descriptions know."""


@contextmanager
def no_writes() -> Any:
    """Nothing but reading reaches the database, whatever a tool comes to do."""

    def guard(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Mapping[str, Any]) -> Any:
        if not only_reads(sql):
            raise WriteForbidden(sql[:200])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(guard):
        yield
