"""The page of one document: its progress while it is read, then what was read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from extractions.assessing import current_data
from extractions.models import ContentImage, Extraction
from extractions.presentation.estimates import about_credits
from extractions.presentation.fields import Outline, outline
from extractions.presentation.history import history_of
from extractions.presentation.markdown import parts_of, render_markdown, tables_of
from extractions.presentation.sentences import account_of
from extractions.presentation.sheets import sheets_of
from extractions.presentation.steps import spread, step_line, usual_times
from extractions.views.gate import may_change, reader_of, seen
from extractions.views.live import AuthenticatedRequest, live
from portal.audit.recording import Action, record_look

TABS = ("fields", "tables", "pictures", "text", "json", "history")
MOST_JSON = 300_000  # characters shown; the whole is one click away
MOST_TABLES = 50


@live
@login_required
@require_safe
def detail(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = seen(request, key)
    record_look(Action.SEEN, extraction)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else ("fields" if extraction.schema_id or extraction.extracted_data else "text")
    values = list(extraction.values.select_related("confirmed_by"))
    pictures = list(extraction.content_images.all())
    if extraction.evidence_due_at:
        # Nobody has looked for them yet, and so none of them can need anybody.
        for value in values:
            value.standing = ""
    data = current_data(extraction.extracted_data, values)
    laid_out = outline(data, extraction.schema.schema if extraction.schema else None, values)
    context: dict[str, Any] = _progress_context(request, extraction) | {
        "tab": tab,
        "outline": laid_out,
        "pictures": pictures,
        "attempts": extraction.tries.count(),
        "may_change": may_change(request.user, extraction),
        "credits_expected": about_credits(extraction) if not laid_out.filled else 0,
        "view": "document" if request.GET.get("view") == "document" else "fields",
    }
    context |= _OF_TAB.get(tab, _nothing_more)(request, extraction, laid_out, pictures)
    if request.htmx:
        answer = render(request, "extractions/_result.html", context)
    else:
        context["sheets"] = sheets_of(extraction, laid_out.places)
        answer = render(request, "extractions/detail.html", context)
    patch_vary_headers(answer, ("HX-Request", "Cookie"))
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


@live
@login_required
@require_safe
def progress(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The part of the page that lives while the document is read; at the end the whole page is asked for anew.

    The page tells what it has: `drawn` when it shows the pages, `waiting` when it waits for nothing but them,
    `checking` when it waits for the places of the values.
    """
    extraction = seen(request, key)
    if not request.htmx:
        return redirect(extraction)
    if not extraction.in_progress:
        waits = "waiting" in request.GET and extraction.pages_due_at and not extraction.pages.exists()
        waits = waits or ("checking" in request.GET and extraction.evidence_due_at)
        return HttpResponse(status=204) if waits else HttpResponseClientRefresh()
    context = _progress_context(request, extraction) | {
        "may_change": may_change(request.user, extraction),
        "sheets": sheets_of(extraction),
        "drawn": "drawn" in request.GET,
    }
    answer = render(request, "extractions/_progress.html", context)
    patch_cache_control(answer, private=True, no_store=True)
    return answer


def _progress_context(request: AuthenticatedRequest, extraction: Extraction) -> dict[str, Any]:
    usual = usual_times(extraction.connection_id, extraction.server)
    return {
        "extraction": extraction,
        "account": account_of(extraction, reader_of(request.user, extraction)),
        "steps": step_line(extraction, usual),
        "usual": spread(usual[""]) if "" in usual else "",
    }


# What a tab needs beyond what every tab shows.

OfTab = Callable[[HttpRequest, Extraction, Outline, list[ContentImage]], dict[str, Any]]


def _nothing_more(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, Any]:
    return {}


def _text(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, Any]:
    parts = parts_of(extraction.content or "")
    asked = request.GET.get("part", "1")
    number = min(max(int(asked), 1), len(parts)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    addresses = {
        picture.name: reverse("extractions:picture", args=[extraction.key, picture.position])
        for picture in reversed(pictures)
        if picture.name and picture.file
    }
    return {
        "text": render_markdown(parts[number - 1], addresses),
        "part": number,
        "parts": range(1, len(parts) + 1),
    }


def _tables(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, Any]:
    found = [table for part in parts_of(extraction.content or "") for table in tables_of(part)]
    return {"text_tables": found[:MOST_TABLES], "tables_left_out": max(0, len(found) - MOST_TABLES)}


def _json(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, Any]:
    text = "" if extraction.raw is None else json.dumps(extraction.raw, ensure_ascii=False, indent=2)
    return {"json": text[:MOST_JSON], "json_cut": len(text) > MOST_JSON}


def _history(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, Any]:
    return {"events": history_of(extraction, list(extraction.tries.all()))}


_OF_TAB: dict[str, OfTab] = {"text": _text, "tables": _tables, "json": _json, "history": _history}
