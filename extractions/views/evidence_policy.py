"""How much may be wrong unseen: a team's setting, changed by its administrators and shown to its members."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.forms.evidence_policy import CHOICES, EvidencePolicyForm, worded
from extractions.review import evidence_policies
from extractions.verification.evidence_policy import policy_for
from extractions.views.live import AuthenticatedRequest
from portal.people.membership import administers
from portal.people.models import Membership, Team


@dataclass(frozen=True, slots=True)
class Option:
    """A choice with what it would confirm of recent documents."""

    value: Decimal
    words: str
    preview: evidence_policies.Preview
    chosen: bool

    @property
    def percent(self) -> int:
        return int(100 * self.preview.share)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def evidence_policy(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    may_change = administers(request.user, team)
    if not may_change and not Membership.objects.filter(person=request.user, team=team).exists():
        raise Http404
    form = EvidencePolicyForm(request.POST or None)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied(_("Only administrators of the team may do this."))
        if form.is_valid():
            if evidence_policies.save(team, form.cleaned_data["wrong_unseen"]):
                messages.success(request, _("Saved. Documents that wait for review are being reassessed."))
            return redirect("extractions:evidence_policy", team.pk)
    context = {"team": team, "form": form, "options": _options(team), "may_change": may_change}
    return render(request, "extractions/evidence_policy.html", context, status=422 if form.errors else 200)


def _options(team: Team) -> list[Option]:
    """The usual choices, and what the team has if that is another one."""
    now = policy_for(team.pk).wrong_unseen
    choices = sorted({*CHOICES, now})
    previews = evidence_policies.previews(team, choices)
    return [
        Option(choice, worded(choice), preview, choice == now)
        for choice, preview in zip(choices, previews, strict=True)
    ]
