"""Regions that a team's documents must not leave: changed by its administrators and shown to its members."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.forms.regions import RegionsForm
from extractions.models import Connection, Schema
from extractions.services.regions import save, ties_of
from extractions.views.live import AuthenticatedRequest
from portal.people.membership import administers
from portal.people.models import Membership, Team


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def regions(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    may_change = administers(request.user, team)
    if not may_change and not Membership.objects.filter(person=request.user, team=team).exists():
        raise Http404
    ties = ties_of(team)
    offered = Q(connection=Connection.for_team(team), missing_since__isnull=True)
    schemas = list(Schema.objects.filter(offered | Q(pk__in=ties.of_schema)).order_by("name", "pk"))
    form = RegionsForm(request.POST if request.method == "POST" else None, ties, schemas)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied(_("Only administrators of the team may do this."))
        if form.is_valid():
            save(team, form.ties)
            messages.success(request, _("Saved. It applies to documents that are sent from now on."))
            return redirect("extractions:regions", team.pk)
    if not may_change:
        for field in form.fields.values():
            field.disabled = True
    context = {"team": team, "form": form, "may_change": may_change}
    return render(request, "extractions/regions.html", context, status=422 if form.errors else 200)
