"""The page of API tokens: one's own, and those of the teams that one administers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import get_script_prefix
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.people import api_tokens, membership
from portal.people.forms import ServiceTokenForm, TokenForm
from portal.people.models import ApiToken, Membership, Team, User
from portal.people.service_owners import administrators_of, is_looked_after
from portal.people.views.teams import administered_or_refuse

Made = tuple[ApiToken, str]


class AuthenticatedRequest(HttpRequest):
    user: User


@dataclass(frozen=True, slots=True)
class TeamTokens:
    """The tokens of a team, and the form for another service."""

    team: Team
    tokens: list[ApiToken]
    form: ServiceTokenForm
    administrators: list[User]

    @property
    def orphans(self) -> list[ApiToken]:
        """Services whose maker does not administer the team any more."""
        return [token for token in self.tokens if not is_looked_after(token, self.administrators)]


@login_required
@require_safe
def tokens(request: AuthenticatedRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def new_token(request: AuthenticatedRequest) -> HttpResponse:
    """Create a token of one's own. It is shown in this response only, since only its hash is stored."""
    form = TokenForm(request.POST, teams=_teams_of(request.user))
    if not form.is_valid():
        return _page(request, form=form, status=422)
    team: Team = form.cleaned_data["team"]
    try:
        return _show(request, lambda: api_tokens.issue(request.user, team, form.options(), by=request.user))
    except api_tokens.NotAMember as error:
        raise PermissionDenied(_("Tokens are for members of the team.")) from error


@login_required
@require_POST
def new_service_token(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Create a service with its token; the token is shown in this response only."""
    team = administered_or_refuse(request.user, pk)
    form = ServiceTokenForm(request.POST, prefix=f"team{team.pk}")
    if not form.is_valid():
        return _page(request, service_form=(team.pk, form), status=422)
    role = form.cleaned_data["role"]
    return _show(request, lambda: api_tokens.issue_for_service(team, role, form.options(), by=request.user))


@login_required
@require_POST
def revoke_token(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """For the owner and for administrators of the team."""
    token = get_object_or_404(ApiToken.objects.select_related("person", "team"), pk=pk)
    if token.person_id != request.user.pk and not membership.administers(request.user, token.team_id):
        raise Http404
    if api_tokens.revoke(token):
        messages.success(request, _("“%(name)s” is revoked: it opens nothing any more.") % {"name": token.name})
    else:
        messages.warning(request, _("That token was revoked already."))
    return redirect("account_tokens")


@login_required
@require_POST
def replace_token(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """A new key for a service; it is shown in this response only."""
    token = _administered_service(request.user, pk)
    return _show(request, lambda: (token, api_tokens.replace(token)))


@login_required
@require_POST
def hand_over(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Another administrator looks after the service from now on."""
    token = _administered_service(request.user, pk)
    chosen = request.POST.get("to", "")
    person = next((row for row in administrators_of(token.team) if str(row.pk) == chosen), None)
    names = {"name": token.name, "person": person}
    if person is None:
        messages.error(request, _("Services are handed to an administrator of the team. Nothing was changed."))
    elif api_tokens.hand_over(token, person):
        messages.success(request, _("%(person)s looks after “%(name)s” from now on.") % names)
    else:
        messages.info(request, _("%(person)s looks after “%(name)s” already.") % names)
    return redirect("account_tokens")


def _administered_service(person: User, pk: int) -> ApiToken:
    rows = ApiToken.objects.filter(person__is_service=True, revoked_at=None)
    token = get_object_or_404(rows.select_related("person", "team", "responsible"), pk=pk)
    if not membership.administers(person, token.team_id):
        raise Http404
    return token


def _show(request: AuthenticatedRequest, issue: Callable[[], Made]) -> HttpResponse:
    """Whoever finds an open session must not leave with a key to it, hence the password."""
    if is_reauthentication_required(request, app="account"):
        raise ReauthenticationRequired
    return _page(request, made=issue())


def _page(
    request: AuthenticatedRequest,
    *,
    form: TokenForm | None = None,
    service_form: tuple[int, ServiceTokenForm] | None = None,
    made: Made | None = None,
    status: int = 200,
) -> HttpResponse:
    person = request.user
    refused = dict([service_form] if service_form else [])
    rows = (
        ApiToken.objects.filter(revoked_at=None)
        .with_role()
        .select_related("person", "team", "responsible")
        .order_by("-pk")
    )
    shown = [
        TeamTokens(
            team,
            list(rows.filter(team=team).exclude(person=person)),
            refused.get(team.pk, ServiceTokenForm(prefix=f"team{team.pk}")),
            list(administrators_of(team)),
        )
        for team in _administered_by(person).order_by("name")
    ]
    teams = _teams_of(person)
    context = {
        "own": rows.filter(person=person),
        "form": form or TokenForm(teams=teams, initial={"team": teams.first()}),
        "refused": bool(form),
        "in_a_team": teams.exists(),
        "teams": shown,
        "refused_team": service_form[0] if service_form else None,
        "sign_in_days": settings.TOKEN_SIGN_IN_DAYS,
        "made": made[0] if made else None,
        "key": made[1] if made else "",
        "api_root": request.build_absolute_uri(f"{get_script_prefix()}api/0.8.1"),
    }
    return render(request, "people/tokens.html", context, status=status)


def _teams_of(person: User) -> models.QuerySet[Team]:
    return Team.objects.filter(memberships__person=person).order_by("name", "pk")


def _administered_by(person: User) -> models.QuerySet[Team]:
    if person.is_superuser:
        return Team.objects.all()
    return Team.objects.filter(memberships__person=person, memberships__role=Membership.Role.ADMINISTRATOR)
