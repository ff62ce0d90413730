"""Bulk actions on the documents ticked in the list, or on all that match."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from extractions.models import Extraction, GuestLink, Schema
from extractions.presentation.document.estimates import about_credits
from extractions.search.query import SearchQuery
from extractions.services import bulk
from extractions.services.bulk import Report
from extractions.services.holds import clean_reason
from extractions.views.live import AuthenticatedRequest, live
from portal.parameters import row_id
from portal.people.models import User

Act = Callable[[AuthenticatedRequest, list[Extraction]], Report]
MOST_SHARED = 2 * GuestLink.MOST_DOCUMENTS  # more are refused there in any case
ESTIMATED = 20  # documents whose price is estimated one by one, to extrapolate from


@live
@login_required
@require_POST
def bulk_(request: AuthenticatedRequest) -> HttpResponse:
    action = request.POST.get("action", "")
    query = request.POST.get("query", "")[:2000]
    rows, more = _chosen(request, query)
    back = f"{reverse('extractions:list')}?{query}" if query else reverse("extractions:list")
    if not rows:
        messages.info(request, _("Nothing was selected. Tick the documents first."))
        return redirect(back)
    if action == "export":
        return redirect(_export_address(request, query, rows))
    if action == "share":
        return redirect(_numbered(reverse("extractions:new_guest_link"), rows[:MOST_SHARED]))
    context = {"rows": rows, "more": more, "most": bulk.MAX_DOCUMENTS, "back": back, "query": query}
    if action == "choose":
        search = SearchQuery(request.user, QueryDict())
        paid = [about_credits(row) for row in rows[:ESTIMATED]]
        context |= {
            "people": search.reviewers,
            "tags": search.tags,
            "schemas": [schema for schema in search.schemas if schema.missing_since is None],
            "credits": round(sum(paid) * len(rows) / len(paid)),
        }
        return render(request, "extractions/bulk_choose.html", context)
    if action not in ACTIONS:
        raise BadRequest("action")
    report = ACTIONS[action](request, rows)
    return render(request, "extractions/bulk.html", context | {"report": report, "action": action})


@live
@login_required
@require_POST
def undo(request: AuthenticatedRequest) -> HttpResponse:
    query = request.POST.get("query", "")[:2000]
    try:
        count = bulk.undo(request.POST.get("word", ""), request.user)
    except bulk.TooLate:
        count = 0
    if count:
        sentence = ngettext("Undone for %(count)d document.", "Undone for %(count)d documents.", count)
        messages.success(request, sentence % {"count": count})
    else:
        messages.warning(request, _("It was too late to undo this. Nothing was changed."))
    return redirect(f"{reverse('extractions:list')}?{query}" if query else reverse("extractions:list"))


def _chosen(request: AuthenticatedRequest, query: str) -> tuple[list[Extraction], bool]:
    """The chosen documents, at most bulk.MAX_DOCUMENTS, and whether there are more."""
    if request.POST.get("all"):
        rows = SearchQuery(request.user, QueryDict(query)).search.every()
    else:
        numbers = [number for text in request.POST.getlist("number") if (number := row_id(text)) is not None]
        rows = Extraction.objects.visible_to(request.user).filter(pk__in=numbers)
    found = list(rows.for_lists().newest_first()[: bulk.MAX_DOCUMENTS + 1])
    return found[: bulk.MAX_DOCUMENTS], len(found) > bulk.MAX_DOCUMENTS


def _export_address(request: AuthenticatedRequest, query: str, rows: list[Extraction]) -> str:
    address = reverse("extractions:new_export")
    if request.POST.get("all"):
        return f"{address}?{query}" if query else address
    return _numbered(address, rows)


def _numbered(address: str, rows: list[Extraction]) -> str:
    return f"{address}?numbers={'.'.join(str(row.pk) for row in rows)}"


def _assign(request: AuthenticatedRequest, rows: list[Extraction]) -> Report:
    number = request.POST.get("person", "")
    people = SearchQuery(request.user, QueryDict()).reviewers
    person: User | None = next((item for item in people if str(item.pk) == number), None)
    if number and person is None:
        raise BadRequest("person")
    return bulk.assign(rows, request.user, person)


def _tag(request: AuthenticatedRequest, rows: list[Extraction]) -> Report:
    name = request.POST.get("tag", "").strip()
    if not name:
        raise BadRequest("tag")
    return bulk.tag(rows, request.user, name)


def _untag(request: AuthenticatedRequest, rows: list[Extraction]) -> Report:
    return bulk.untag(rows, request.user, request.POST.get("tag", "").strip())


def _schema(request: AuthenticatedRequest, rows: list[Extraction]) -> Report:
    number = request.POST.get("schema", "")
    offered = Schema.objects.visible_to(request.user).filter(missing_since__isnull=True)
    schema = get_object_or_404(offered, pk=row_id(number) or 0) if number else None
    return bulk.read_with(rows, request.user, schema)


def _hold(request: AuthenticatedRequest, rows: list[Extraction]) -> Report:
    reason = clean_reason(request.POST.get("reason", ""))
    if not reason:
        raise BadRequest("reason")
    return bulk.hold(rows, request.user, reason)


ACTIONS: dict[str, Act] = {
    "approve": lambda request, rows: bulk.approve(rows, request.user),
    "test_set": lambda request, rows: bulk.test_on(rows, request.user),
    "retry": lambda request, rows: bulk.retry(rows, request.user),
    "delete": lambda request, rows: bulk.delete(rows, request.user),
    "assign": _assign,
    "tag": _tag,
    "untag": _untag,
    "schema": _schema,
    "hold": _hold,
}
