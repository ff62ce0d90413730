"""The own connection of a team or of the site: configured, tested and removed by its administrators."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from extractions.forms.connection import OwnConnectionForm
from extractions.models import Budget, Connection
from extractions.presentation.document.pauses import pause_of
from extractions.presentation.document.status_explanation import Reader
from extractions.presentation.operations.connection_checks import outcome_of
from extractions.presentation.operations.contract_lines import contract_states
from extractions.services import own_connections as service
from extractions.views.access import administered_team
from extractions.views.live import AuthenticatedRequest, live
from portal.people.models import Team, User


@sensitive_post_parameters("key")
@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_connection(request: AuthenticatedRequest, pk: int | None = None) -> HttpResponse:
    team = _team(request.user, pk)
    own = service.own_connection(team)
    if request.htmx and request.method != "POST":
        return render(request, "extractions/_own_connection_test.html", _facts(team, own))
    form = OwnConnectionForm(request.POST or None, own=own, any_host=request.user.is_superuser)
    if request.method == "POST" and form.is_valid():
        service.set_up(team, form.wanted())
        messages.success(request, _("The connection is saved and is being tested. New documents use it."))
        return _back(team)
    context = _facts(team, own) | {"form": form, "default": _default(team)}
    return render(request, "extractions/own_connection.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def ask_for_test(request: AuthenticatedRequest, pk: int | None = None) -> HttpResponse:
    team = _team(request.user, pk)
    if not service.test(team):
        messages.info(request, _("There is no connection to test."))
    return _back(team)


@login_required
@require_POST
def remove_connection(request: AuthenticatedRequest, pk: int | None = None) -> HttpResponse:
    team = _team(request.user, pk)
    if service.remove(team):
        messages.success(request, _("The connection is removed. It still follows what was sent through it."))
    else:
        messages.info(request, _("There was no connection to remove."))
    return _back(team)


def _team(person: User, pk: int | None) -> Team | None:
    """The team, or None for the site."""
    if pk is None:
        if not person.is_superuser:
            raise PermissionDenied(_("Only administrators of this portal may do this."))
        return None
    return administered_team(person, pk)


def _facts(team: Team | None, own: Connection | None) -> dict[str, object]:
    return {
        "team": team,
        "own": own,
        "outcome": outcome_of(own) if own else None,
        "differences": contract_states([own], of_team=True)[own.pk] if own else None,
        "pause": pause_of(own, Reader(hints=True)) if own else None,
        "budget": Budget.objects.filter(team=team).first() if team else None,
    }


def _default(team: Team | None) -> Connection:
    """The connection used without an own one."""
    rows = list(Connection.objects.default()) if team else []
    return next((row for row in rows if row.is_own), None) or Connection.current()


def _back(team: Team | None) -> HttpResponse:
    return redirect("extractions:own_connection", team.pk) if team else redirect("extractions:site_connection")
