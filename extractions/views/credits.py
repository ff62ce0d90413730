"""A team's spending by month, its budget, and double payments."""

from __future__ import annotations

import csv
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from extractions.exports.text import BOM, safe
from extractions.forms.upload import BudgetForm
from extractions.intake.budget import account_of
from extractions.models import Budget, DoublePayment, month_of
from extractions.presentation.operations.credits import (
    claim_of,
    double_payments_of,
    month_of_team,
    months_of_team,
    sentence_of,
)
from extractions.views.live import AuthenticatedRequest
from portal.audit.recording import Action, record
from portal.people.membership import administers
from portal.people.models import Team, User


@login_required
@require_safe
def credits(request: AuthenticatedRequest) -> HttpResponse:
    teams = list(_teams(request.user).order_by("name"))
    team = _chosen(teams, request.GET.get("team", ""))
    if team is None:
        return render(request, "extractions/credits.html", {"teams": teams})
    month = _month(request.GET.get("month", ""))
    account = account_of(team.pk)
    budget = Budget.objects.filter(team=team).first()
    context = {
        "teams": teams,
        "team": team,
        "month": month,
        "is_this_month": month == account.month,
        "spent": month_of_team(team, month),
        "months": months_of_team(team),
        "account": account,
        "sentence": sentence_of(account),
        "double_payments": double_payments_of(team),
        "form": BudgetForm(instance=budget) if administers(request.user, team) else None,
    }
    return render(request, "extractions/credits.html", context)


@login_required
@require_POST
def budget(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Set a team's budget, which is checked before every document that is sent."""
    team = get_object_or_404(_teams(request.user), pk=pk)
    if not administers(request.user, team):
        raise PermissionDenied(_("Only administrators of the team may do this."))
    with transaction.atomic():
        row, _new = Budget.objects.get_or_create(team=team)
        before = {"cap": row.cap, "warn_at": row.warn_at}
        form = BudgetForm(request.POST, instance=row)
        if form.is_valid():
            form.save()
            after = {"cap": row.cap, "warn_at": row.warn_at}
            record(Action.SETTING, team, before=before, after=after)
            messages.success(request, _("The cap is saved. It applies from now on."))
        else:
            messages.error(request, _("A cap is a whole number of credits, or empty; the warning is a percentage."))
    return redirect(f"{reverse('extractions:credits')}?team={team.pk}")


@login_required
@require_safe
def double_payments(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """A team's double payments as CSV, for claiming them back from the service."""
    team = get_object_or_404(_teams(request.user), pk=pk)
    response = HttpResponse(BOM, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="double-payments.csv"'
    writer = csv.writer(response)
    for line in claim_of(team):
        writer.writerow([safe(cell) for cell in line])
    record(Action.EXPORTED, team, after={"what": "double payments"})
    return response


@login_required
@require_POST
def settle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Mark a double payment as settled: it was claimed back or written off."""
    rows = DoublePayment.objects.select_related("extraction__team")
    payment = get_object_or_404(rows, pk=pk, extraction__team__in=_teams(request.user))
    team = payment.extraction.team
    if not administers(request.user, team):
        raise PermissionDenied(_("Only administrators of the team may do this."))
    if payment.settle(request.user):
        messages.success(request, _("The double payment is settled; it stays in the list."))
    return redirect(f"{reverse('extractions:credits')}?team={team.pk}#double-payments")


def _teams(person: User) -> QuerySet[Team]:
    return Team.objects.all() if person.is_superuser else Team.objects.filter(members=person.pk)


def _chosen(teams: list[Team], requested: str) -> Team | None:
    if not requested:
        return teams[0] if teams else None
    found = next((team for team in teams if str(team.pk) == requested), None)
    if found is None:
        raise Http404
    return found


def _month(requested: str) -> date:
    try:
        return date.fromisoformat(f"{requested}-01")
    except ValueError:
        return month_of(timezone.now())
