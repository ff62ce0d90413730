"""Answers of the service that differ from the contract: shown, acknowledged, and taken back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from extractions.models import ContractDifference
from extractions.presentation.operations.contract_lines import contract_lines
from extractions.views.access import administered_team
from extractions.views.live import AuthenticatedRequest
from portal.audit.recording import Action, record
from portal.redirects import redirect_within


@login_required
@require_safe
def contract_differences(request: AuthenticatedRequest, pk: int | None = None) -> HttpResponse:
    """Those of all connections for staff, or those of a team's own connection for its administrators."""
    if pk is None and not request.user.is_staff:
        raise PermissionDenied(_("This page is for staff."))
    team = administered_team(request.user, pk) if pk is not None else None
    lines = contract_lines(request.user, team)
    context = {
        "team": team,
        "news": [line for line in lines if line.row.acknowledged_at is None],
        "known": [line for line in lines if line.row.acknowledged_at is not None],
    }
    return render(request, "extractions/contract_differences.html", context)


@login_required
@require_POST
def acknowledge_difference(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Acknowledge it, or with `back` show it as new again."""
    row = get_object_or_404(ContractDifference.objects.visible_to(request.user).select_related("connection"), pk=pk)
    back = bool(request.POST.get("back"))
    if row.reopen() if back else row.acknowledge(request.user):
        record(Action.SETTING, row.connection, after={"contract": str(row), "acknowledged": not back})
    if back:
        messages.info(request, _("It counts as new again."))
    else:
        messages.success(request, _("Noted. It stays below, where it can be taken back."))
    return _back(request)


@login_required
@require_POST
def acknowledge_differences(request: AuthenticatedRequest) -> HttpResponse:
    """All that are new."""
    rows = ContractDifference.objects.visible_to(request.user).news().select_related("connection")
    noted = [row for row in rows if row.acknowledge(request.user)]
    for row in noted:
        record(Action.SETTING, row.connection, after={"contract": str(row), "acknowledged": True})
    sentence = ngettext("%(count)s difference is noted.", "%(count)s differences are noted.", len(noted))
    messages.success(request, sentence % {"count": len(noted)})
    return _back(request)


def _back(request: AuthenticatedRequest) -> HttpResponse:
    there = redirect_within(request, request.POST.get("next", ""))
    return there or redirect("extractions:contract_differences" if request.user.is_staff else "team")
