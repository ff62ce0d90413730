"""What a team spends, month by month, and its cap."""

from __future__ import annotations

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

from extractions.forms import BudgetForm
from extractions.models import Budget, month_of
from extractions.presentation.credits import month_of_team, months_of_team, sentence_of
from extractions.services.budget import account_of
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
        "form": BudgetForm(instance=budget) if administers(request.user, team) else None,
    }
    return render(request, "extractions/credits.html", context)


@login_required
@require_POST
def budget(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Set the cap of a team; it is looked at before every document that is sent from now on."""
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
            messages.success(request, _("The cap is kept. It holds from now on."))
        else:
            messages.error(request, _("A cap is a whole number of credits, or empty; the warning is a percentage."))
    return redirect(f"{reverse('extractions:credits')}?team={team.pk}")


def _teams(person: User) -> QuerySet[Team]:
    return Team.objects.all() if person.is_superuser else Team.objects.filter(members=person.pk)


def _chosen(teams: list[Team], asked: str) -> Team | None:
    if not asked:
        return teams[0] if teams else None
    found = next((team for team in teams if str(team.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _month(asked: str) -> date:
    try:
        return date.fromisoformat(f"{asked}-01")
    except ValueError:
        return month_of(timezone.now())
