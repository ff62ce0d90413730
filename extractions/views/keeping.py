"""How long a team keeps documents: its administrators choose, its members see it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.forms.keeping import TrashForm
from extractions.models import trash_days
from extractions.services import retention, trash
from extractions.views.live import AuthenticatedRequest
from portal.people.membership import administers
from portal.people.models import Membership, Team


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keeping(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    may_change = administers(request.user, team)
    if not may_change and not Membership.objects.filter(person=request.user, team=team).exists():
        raise Http404
    form = TrashForm(request.POST or None, initial={"days": trash_days(team.pk)})
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied(_("Only administrators of the team may do this."))
        if form.is_valid():
            if trash.keep_for(team, form.cleaned_data["days"]):
                messages.success(request, _("Saved. It applies to documents that are deleted from now on."))
            return redirect("extractions:keeping", team.pk)
    if not may_change:
        form.fields["days"].disabled = True
    context = {"team": team, "form": form, "may_change": may_change, "rules": retention.rules_of(team)}
    return render(request, "extractions/keeping.html", context, status=422 if form.errors else 200)
