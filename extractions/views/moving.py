"""Moving a document to another team."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.services.moving import Busy, Held, move, teams_to_move_to
from extractions.views.access import get_changeable
from extractions.views.live import AuthenticatedRequest, live
from portal.parameters import row_id


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move_document(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = get_changeable(request, key)
    teams = teams_to_move_to(extraction, request.user)
    if request.method != "POST":
        return render(request, "extractions/move.html", {"extraction": extraction, "teams": teams})
    raw_id = request.POST.get("team", "")
    team = teams.filter(pk=row_id(raw_id) or 0).first()
    if team is None:
        messages.error(request, _("Choose one of your other teams."))
        return redirect("extractions:move", key)
    try:
        move(extraction, team, request.user)
    except Busy:
        sentence = _("“%(name)s” is still on its way; move it when it has come to an end.")
        messages.warning(request, sentence % {"name": extraction})
    except Held:
        sentence = _("“%(name)s” is under a legal hold, and stays in its team until that is released.")
        messages.warning(request, sentence % {"name": extraction})
    else:
        messages.success(request, _("“%(name)s” belongs to %(team)s now.") % {"name": extraction, "team": team})
    return redirect(extraction)
