"""Moving a document to another team."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.services.moving import Busy, move, teams_to_move_to
from extractions.views.gate import changed
from extractions.views.live import AuthenticatedRequest, live


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move_document(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = changed(request, key)
    teams = teams_to_move_to(extraction, request.user)
    if request.method != "POST":
        return render(request, "extractions/move.html", {"extraction": extraction, "teams": teams})
    asked = request.POST.get("team", "")
    team = teams.filter(pk=asked).first() if asked.isdecimal() else None
    if team is None:
        messages.error(request, _("Choose one of your other teams."))
        return redirect("extractions:move", key)
    try:
        move(extraction, team, request.user)
    except Busy:
        told = _("“%(name)s” is still on its way; move it when it has come to an end.")
        messages.warning(request, told % {"name": extraction})
    else:
        messages.success(request, _("“%(name)s” belongs to %(team)s now.") % {"name": extraction, "team": team})
    return redirect(extraction)
