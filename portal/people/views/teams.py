"""The team page: who is in which team, may do what, and is invited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal.people import inviting, membership
from portal.people.forms import InvitationForm, RoleForm, TeamForm
from portal.people.models import Invitation, Membership, Team, User

LAST_ADMINISTRATOR = gettext_lazy("A team keeps at least one administrator. Make somebody else one first.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A team as one person sees it."""

    team: Team
    members: list[Membership]
    invitations: list[Invitation]
    administered: bool


class SignedIn(HttpRequest):
    user: User


@login_required
@require_safe
def team(request: SignedIn) -> HttpResponse:
    return render(request, "people/team.html", _team_page(request.user))


@login_required
@require_POST
def rename(request: SignedIn, pk: int) -> HttpResponse:
    ours = _administered(request.user, pk)
    form = TeamForm(request.POST)
    if form.is_valid():
        membership.rename(ours, form.cleaned_data["name"])
    else:
        messages.error(request, _("A team needs a name of at most 100 characters."))
    return redirect("team")


@login_required
@require_POST
def new_team(request: SignedIn) -> HttpResponse:
    if not request.user.is_superuser:
        raise PermissionDenied(_("Teams are made by administrators of this portal."))
    form = TeamForm(request.POST)
    if form.is_valid():
        membership.make_team(form.cleaned_data["name"], by=request.user)
        messages.success(request, _("The team is made, and you administer it."))
    else:
        messages.error(request, _("A team needs a name of at most 100 characters."))
    return redirect("team")


@login_required
@require_POST
def invite(request: SignedIn, pk: int) -> HttpResponse:
    """Makes a link. It is shown once, on this very answer: only its hash is kept."""
    ours = _administered(request.user, pk)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return render(request, "people/team.html", _team_page(request.user) | {"refused": form}, status=400)
    made, token = inviting.invite(ours, form.cleaned_data["role"], form.cleaned_data["note"], by=request.user)
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    answer = render(request, "people/team.html", _team_page(request.user) | {"made": made, "link": link})
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
@require_POST
def withdraw(request: SignedIn, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.select_related("team"), pk=pk)
    _administered(request.user, invitation.team_id)
    if inviting.withdraw(invitation):
        messages.success(request, _("The invitation is withdrawn: its link opens nothing any more."))
    else:
        messages.warning(request, _("That invitation was used or withdrawn already."))
    return redirect("team")


@login_required
@require_POST
def change_role(request: SignedIn, pk: int) -> HttpResponse:
    of = _membership(request.user, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such role."))
        return redirect("team")
    try:
        if membership.change_role(of, form.cleaned_data["role"]):
            words = _("%(name)s is now: %(role)s.")
            messages.success(request, words % {"name": of.person, "role": of.get_role_display()})
    except membership.LastAdministrator:
        messages.error(request, LAST_ADMINISTRATOR)
    return redirect("team")


@login_required
@require_POST
def remove(request: SignedIn, pk: int) -> HttpResponse:
    of = _membership(request.user, pk)
    try:
        membership.remove(of)
    except membership.LastAdministrator:
        messages.error(request, LAST_ADMINISTRATOR)
    else:
        words = _("%(name)s is not in %(team)s any more. The documents stay with the team.")
        messages.success(request, words % {"name": of.person, "team": of.team})
    return redirect("team")


@login_required
@require_POST
def set_active(request: SignedIn, pk: int) -> HttpResponse:
    """Close an account, or open it again. Only for administrators of the site, and not for their own."""
    if not request.user.is_superuser:
        raise Http404
    person = get_object_or_404(User, pk=pk)
    active = request.POST.get("active") == "yes"
    if person == request.user:
        messages.error(request, _("You cannot close your own account. Ask another administrator."))
    elif membership.set_active(person, active):
        words = _("%(name)s can sign in again.") if active else _("%(name)s is signed out and cannot sign in any more.")
        messages.success(request, words % {"name": person})
    return redirect("team")


def _team_page(person: User) -> dict[str, Any]:
    everybody = Prefetch("memberships", Membership.objects.select_related("person").order_by("person__name", "pk"))
    invited = Prefetch("invitations", Invitation.objects.open().select_related("invited_by").order_by("-pk"))
    teams = Team.objects.all() if person.is_superuser else Team.objects.filter(members=person.pk)
    shown = []
    for one in teams.prefetch_related(everybody, invited).order_by("name"):
        members = list(one.memberships.all())
        roles = {of.person_id: of.role for of in members}
        administered = person.is_superuser or roles.get(person.pk) == Membership.Role.ADMINISTRATOR
        shown.append(Shown(one, members, list(one.invitations.all()) if administered else [], administered))
    sees_log = person.is_superuser or any(one.administered for one in shown)
    return {"teams": shown, "roles": Membership.Role.choices, "sees_log": sees_log}


def _administered(person: User, pk: int) -> Team:
    """The team, if this person administers it. Members are told why not; for others there is no such team."""
    ours = get_object_or_404(Team, pk=pk)
    if membership.administers(person, ours):
        return ours
    if Membership.objects.filter(person=person, team=ours).exists():
        raise PermissionDenied(_("Only administrators of the team may do this."))
    raise Http404


def _membership(person: User, pk: int) -> Membership:
    of = get_object_or_404(Membership.objects.select_related("person", "team"), pk=pk)
    _administered(person, of.team_id)
    return of
