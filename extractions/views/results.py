"""The page of one document: its progress, then its result."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Subquery, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from extractions.context import navigation_of
from extractions.models import Attempt, Comment, ContentImage, Extraction, TestDocument, may_share
from extractions.presentation.document.category import category_of
from extractions.presentation.document.comments import remarks_of
from extractions.presentation.document.estimates import about_credits
from extractions.presentation.document.fields import Outline, outline
from extractions.presentation.document.history import history_of
from extractions.presentation.document.markdown import parts_of, render_markdown, tables_of
from extractions.presentation.document.next_step import next_step_of
from extractions.presentation.document.page_viewer import page_views_of
from extractions.presentation.document.same_invoices import same_invoices_of
from extractions.presentation.document.schema_version import read_with
from extractions.presentation.document.sentences import explanation_of
from extractions.presentation.document.siblings import siblings_of
from extractions.presentation.document.stalls import are_unattended
from extractions.presentation.document.steps import spread, step_line, usual_times
from extractions.result.rows import RowEdits
from extractions.review.review_queue import REVIEWERS
from extractions.services import guest_links
from extractions.verification.review_status import current_data_of
from extractions.views.access import get_visible, may_change, reader_of
from extractions.views.live import AuthenticatedRequest, live
from portal.audit.recording import Action, record_view
from portal.people.models import Membership

TABS = ("fields", "tables", "pictures", "text", "json", "comments", "history")
MAX_JSON_CHARS = 300_000  # characters shown; the rest can be downloaded
MAX_TABLES = 50


@live
@login_required
@require_safe
def detail(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = get_visible(request, key)
    record_view(Action.SEEN, extraction)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else ("fields" if extraction.schema_id or extraction.extracted_data else "text")
    values = list(extraction.values.select_related("confirmed_by"))
    pictures = list(extraction.content_images.all())
    # Before it is grounded, no value can need attention.
    for value in values if extraction.evidence_due_at else ():
        value.standing = ""
    schema = extraction.schema.schema if extraction.schema else None
    navigation = navigation_of(request)
    role = navigation.roles.get(extraction.team_id, "")
    data = current_data_of(extraction, values)
    laid_out = outline(data, schema, values, edits=RowEdits.read(extraction.row_edits))
    same_invoices = same_invoices_of(extraction, request.user)
    context: dict[str, object] = _progress_context(request, extraction) | {
        "tab": tab,
        "outline": laid_out,
        "pictures": pictures,
        "may_change": role not in ("", Membership.Role.VIEWER),
        "same_invoices": same_invoices,
        "next_step": next_step_of(
            extraction, request.user, role=role, waiting=navigation.to_review, blocked=same_invoices.blocks
        ),
        "category": category_of(extraction),
        "credits_expected": about_credits(extraction) if not laid_out.filled else 0,
        "view": "document" if request.GET.get("view") == "document" else "fields",
    }
    context |= _more_of(request, extraction, role)
    context |= _OF_TAB.get(tab, _nothing_more)(request, extraction, laid_out, pictures)
    if request.htmx:
        response = render(request, "extractions/_result.html", context)
    else:
        context["sheets"] = page_views_of(extraction, laid_out.places)
        response = render(request, "extractions/detail.html", context)
    patch_vary_headers(response, ("HX-Request", "Cookie"))
    patch_cache_control(response, private=True, no_cache=True)
    return response


@live
@login_required
@require_safe
def progress(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The live part while the document is in progress; at the end it makes the browser reload the page.

    Parameters tell what the page has: `drawn` if it shows the pages, `waiting` if only they are missing, `checking` if
    it waits for the values to be grounded.
    """
    extraction = get_visible(request, key)
    if not request.htmx:
        return redirect(extraction)
    if not extraction.in_progress:
        waits = "waiting" in request.GET and extraction.pages_due_at and not extraction.pages.exists()
        waits = waits or ("checking" in request.GET and extraction.evidence_due_at)
        return HttpResponse(status=204) if waits else HttpResponseClientRefresh()
    context = _progress_context(request, extraction) | {
        "may_change": may_change(request.user, extraction),
        "sheets": page_views_of(extraction),
        "drawn": "drawn" in request.GET,
    }
    response = render(request, "extractions/_progress.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _progress_context(request: AuthenticatedRequest, extraction: Extraction) -> dict[str, object]:
    usual = usual_times(extraction.connection_id, extraction.server)
    return {
        "extraction": extraction,
        "account": explanation_of(extraction, reader_of(request.user, extraction)),
        "steps": step_line(extraction, usual),
        "unattended": are_unattended([extraction]),
        "usual": spread(usual[""]) if "" in usual else "",
    }


def _more_of(request: AuthenticatedRequest, extraction: Extraction, role: str) -> dict[str, object]:
    """The version it was read with; how many attempts and comments there are, and whether it is in a test set, in one
    query."""
    tries, comments = (
        rows.filter(extraction=OuterRef("pk")).order_by().values(group=Value(1)).values(total=Count("pk"))
        for rows in (Attempt.objects, Comment.objects)
    )
    tested = Exists(TestDocument.objects.filter(extraction=OuterRef("pk")))
    rows = Extraction.objects.filter(pk=extraction.pk)
    tried, said, in_test_set = rows.values_list(Subquery(tries), Subquery(comments), tested).get()
    guests = guest_links.links_to(extraction)
    shareable = extraction.state == Extraction.State.EXTRACTED
    return {
        "guest_links": guests,
        "may_share": shareable and may_share(role, guest_links.own_policy(extraction.team_id)),
        "version": read_with(extraction, request.user),
        "siblings": siblings_of(extraction, request.user),
        "in_test_set": in_test_set,
        "may_review": role in REVIEWERS,
        "attempts": tried or 0,
        "comment_count": said or 0,
    }


# Additional context of single tabs.

OfTab = Callable[[HttpRequest, Extraction, Outline, list[ContentImage]], dict[str, object]]


def _nothing_more(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, object]:
    return {}


def _text(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, object]:
    parts = parts_of(extraction.content or "")
    raw = request.GET.get("part", "1")
    number = min(max(int(raw), 1), len(parts)) if raw.isascii() and raw.isdigit() and len(raw) < 6 else 1
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
) -> dict[str, object]:
    found = [table for part in parts_of(extraction.content or "") for table in tables_of(part)]
    return {"text_tables": found[:MAX_TABLES], "tables_left_out": max(0, len(found) - MAX_TABLES)}


def _json(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, object]:
    text = "" if extraction.raw is None else json.dumps(extraction.raw, ensure_ascii=False, indent=2)
    return {"json": text[:MAX_JSON_CHARS], "json_cut": len(text) > MAX_JSON_CHARS}


def _history(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, object]:
    return {"events": history_of(extraction, list(extraction.tries.all()))}


def _comments(
    request: HttpRequest, extraction: Extraction, laid_out: Outline, pictures: list[ContentImage]
) -> dict[str, object]:
    return {"comments": remarks_of(extraction)}


_OF_TAB: dict[str, OfTab] = {
    "text": _text, "tables": _tables, "json": _json, "comments": _comments, "history": _history,
}  # fmt: skip
