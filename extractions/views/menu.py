"""The menu's counters and the banners of a page that stays open, and whether its document is still there."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from extractions.context import navigation_of
from extractions.models import Extraction
from extractions.views.live import AuthenticatedRequest, live, part, unchanged
from portal.parameters import row_key


@live
@login_required
@require_safe
def menu(request: AuthenticatedRequest) -> HttpResponse:
    """For pages that stay open. Pages of a document, named by `document`, learn that it was deleted elsewhere."""
    if not request.htmx:
        return redirect("extractions:dashboard")
    key = row_key(request.GET.get("document", ""))
    known = Extraction.objects.known_to(request.user)
    row = known.filter(key=key).values("name", "delete_requested_at").first() if key else None
    facts = (navigation_of(request).fingerprint(), row)
    if response := unchanged(request, facts):
        return response
    gone = key is not None and (row is None or row["delete_requested_at"] is not None)
    context: dict[str, object] = {
        "document": key,
        "gone": gone,
        "in_trash": row,
        "without_menu": "without_menu" in request.GET,
    }
    return part(request, "components/menu_news.html", context, facts=facts)
