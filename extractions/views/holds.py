"""Legal holds: on one document, and all of a team's. Administrators of the team place and release them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.models import LegalHold
from extractions.services import holds
from extractions.views.access import administered_team, get_visible
from extractions.views.live import AuthenticatedRequest, live
from portal.people.membership import administers
from portal.redirects import redirect_within

ROWS = 100


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def document_holds(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = get_visible(request, key)
    may_hold = administers(request.user, extraction.team_id)
    wrong = ""
    if request.method == "POST":
        if not may_hold:
            raise PermissionDenied(_("Only administrators of the team may do this."))
        reason = holds.clean_reason(request.POST.get("reason", ""))
        if reason and holds.place(extraction, reason, request.user):
            messages.success(request, _("“%(name)s” is under a legal hold.") % {"name": extraction.name})
            return redirect("extractions:document_holds", key)
        wrong = _("Is under a hold for this reason already.") if reason else _("A reason is needed.")
    context = {"extraction": extraction, "holds": holds.holds_on(extraction), "may_hold": may_hold, "wrong": wrong}
    return render(request, "extractions/document_holds.html", context, status=422 if wrong else 200)


@live
@login_required
@require_POST
def release_hold(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    hold = get_object_or_404(LegalHold.objects.select_related("extraction"), pk=pk)
    team = administered_team(request.user, hold.extraction.team_id)
    reason = holds.clean_reason(request.POST.get("reason", ""))
    if not reason:
        messages.warning(request, _("Not released: a reason is needed."))
    elif holds.release(hold, reason, request.user):
        messages.success(request, _("“%(name)s” is released.") % {"name": hold.extraction.name})
    return redirect_within(request, request.POST.get("next", "")) or redirect("extractions:team_holds", team.pk)


@live
@login_required
@require_safe
def team_holds(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = administered_team(request.user, pk)
    page = Paginator(holds.open_holds_of(team), ROWS).get_page(request.GET.get("page"))
    return render(request, "extractions/team_holds.html", {"team": team, "page": page})
