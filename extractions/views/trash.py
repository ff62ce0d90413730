"""The trash: deleted documents, until they are erased."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from extractions.models import Extraction
from extractions.services import trash as service
from extractions.views.access import may_change
from extractions.views.live import AuthenticatedRequest, live
from portal.parameters import row_id
from portal.people.models import Membership
from portal.redirects import redirect_within

ROWS = 50
MOST = 1000
"""Documents that one press of a button restores or erases."""


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trash(request: AuthenticatedRequest) -> HttpResponse:
    if request.method == "POST":
        _act(request)
        return redirect("extractions:trash")
    page = Paginator(service.trash_of(request.user), ROWS).get_page(request.GET.get("page"))
    roles = dict(Membership.objects.filter(person=request.user).values_list("team_id", "role"))
    context = {
        "page": page,
        "several_teams": len(roles) > 1,
        "may_change": any(role != Membership.Role.VIEWER for role in roles.values()),
        "teams": service.days_by_team([*roles]),
        "most": MOST,
    }
    return render(request, "extractions/trash.html", context)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def restore_document(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """A document that is in the trash; a POST takes it out. One that is out of it already is shown."""
    rows = Extraction.objects.known_to(request.user).select_related("owner", "team")
    extraction = get_object_or_404(rows, key=key)
    if request.method == "POST":
        if not may_change(request.user, extraction):
            raise PermissionDenied(_("Viewers may look at documents but not change them."))
        if extraction.restore():
            messages.success(request, _("“%(name)s” is back.") % {"name": extraction.name})
        return redirect_within(request, request.POST.get("next", "")) or redirect(extraction)
    if not extraction.in_trash:
        return redirect(extraction)
    context = {"extraction": extraction, "may_change": may_change(request.user, extraction)}
    return render(request, "extractions/restore.html", context)


def _act(request: AuthenticatedRequest) -> None:
    rows = service.changeable_trash(request.user)
    if not request.POST.get("all"):
        numbers = [number for text in request.POST.getlist("number") if (number := row_id(text)) is not None]
        rows = rows.filter(pk__in=numbers)
    chosen = list(rows.defer(*service.LARGE_COLUMNS).order_by("-delete_requested_at", "-pk")[:MOST])
    if not chosen:
        messages.info(request, _("Nothing was selected. Tick the documents first."))
        return
    match request.POST.get("action"):
        case "restore":
            report = service.restore(chosen)
            sentence = ngettext("%(count)s document is back.", "%(count)s documents are back.", report.done)
        case "erase":
            report = service.erase(chosen)
            sentence = ngettext(
                "%(count)s document is being erased for good.", "%(count)s documents are being erased for good.",
                report.done,
            )  # fmt: skip
        case _:
            raise BadRequest("action")
    if report.done:
        messages.success(request, sentence % {"count": report.done})
    if report.left:
        left = ngettext(
            "%(count)s document was left as it is: it is under a legal hold, or no longer in the trash.",
            "%(count)s documents were left as they are: they are under a legal hold, or no longer in the trash.",
            report.left,
        )
        messages.warning(request, left % {"count": report.left})
