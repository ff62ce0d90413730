"""When two documents are the same invoice: a team's setting, changed by its administrators and shown to its members."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.forms.duplicate_policy import DuplicatePolicyForm
from extractions.review import duplicate_policies
from extractions.verification.duplicate_invoices import policy_for
from extractions.views.live import AuthenticatedRequest
from portal.people.membership import administers
from portal.people.models import Membership, Team


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duplicate_policy(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    may_change = administers(request.user, team)
    if not may_change and not Membership.objects.filter(person=request.user, team=team).exists():
        raise Http404
    form = DuplicatePolicyForm(request.POST or None, instance=policy_for(team.pk))
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied(_("Only administrators of the team may do this."))
        if form.is_valid():
            if duplicate_policies.save(team, form.cleaned_data):
                messages.success(request, _("Saved. It applies to all documents at once."))
            return redirect("extractions:duplicate_policy", team.pk)
    if not may_change:
        for field in form.fields.values():
            field.disabled = True
    context = {"team": team, "form": form, "may_change": may_change}
    return render(request, "extractions/duplicate_policy.html", context, status=422 if form.errors else 200)
