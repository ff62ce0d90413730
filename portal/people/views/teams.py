"""The team page: members, roles and invitations."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal.people import invitations, membership
from portal.people.forms import InvitationForm, RoleForm, TeamForm
from portal.people.models import Invitation, Membership, Team, User
from portal.rate_limits import Limit, consume

MAILS = Limit("invitation-mails", 50, 3600)
"""By one person: the portal is no means of writing to strangers."""
LAST_ADMINISTRATOR = gettext_lazy("A team keeps at least one administrator. Make somebody else one first.")


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team as the viewing person may see it."""

    team: Team
    members: list[Membership]
    invitations: list[Invitation]
    administered: bool


class AuthenticatedRequest(HttpRequest):
    user: User


@login_required
@require_safe
def team(request: AuthenticatedRequest) -> HttpResponse:
    return render(request, "people/team.html", _team_page(request.user))


@login_required
@require_POST
def rename(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    administered_team = administered_or_refuse(request.user, pk)
    form = TeamForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A team needs a name of at most 100 characters."))
        return redirect("team")
    try:
        membership.rename(administered_team, form.cleaned_data["name"], by=request.user)
    except membership.GovernedName:
        messages.error(
            request, _("The company’s groups go by this name: only administrators of this portal give and change it.")
        )
    return redirect("team")


@login_required
@require_POST
def new_team(request: AuthenticatedRequest) -> HttpResponse:
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
def invite(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Create an invitation link. It is shown in this response only, since only its hash is stored."""
    administered_team = administered_or_refuse(request.user, pk)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return render(request, "people/team.html", _team_page(request.user) | {"refused": form}, status=400)
    try:
        made, token = invitations.invite(
            administered_team,
            form.cleaned_data["role"],
            form.cleaned_data["note"] or form.cleaned_data["email"][:150],
            by=request.user,
        )
    except invitations.MayNotInvite as error:
        raise PermissionDenied(_("Only administrators of the team may do this.")) from error
    link = request.build_absolute_uri(invitations.path_of(token))
    email = form.cleaned_data["email"] if settings.MAIL_WORKS else ""
    if email and not consume([MAILS.counter(request.user.pk)]):
        email = ""
        messages.warning(request, _("Too many invitations by mail in an hour: pass this link on yourself."))
    if email:
        invitations.send_by_mail(made, link, email)
    shown = {"made": made, "link": link, "mailed_to": email}
    response = render(request, "people/team.html", _team_page(request.user) | shown)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def withdraw(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.select_related("team"), pk=pk)
    administered_or_refuse(request.user, invitation.team_id)
    if invitations.withdraw(invitation):
        messages.success(request, _("The invitation is withdrawn: its link opens nothing any more."))
    else:
        messages.warning(request, _("That invitation was used or withdrawn already."))
    return redirect("team")


@login_required
@require_POST
def change_role(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    member = _membership(request.user, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such role."))
        return redirect("team")
    try:
        if membership.change_role(member, form.cleaned_data["role"]):
            words = _("%(name)s is now: %(role)s.")
            messages.success(request, words % {"name": member.person, "role": member.get_role_display()})
    except membership.LastAdministrator:
        messages.error(request, LAST_ADMINISTRATOR)
    return redirect("team")


@login_required
@require_POST
def remove(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    member = _membership(request.user, pk)
    try:
        membership.remove(member)
    except membership.LastAdministrator:
        messages.error(request, LAST_ADMINISTRATOR)
    else:
        words = _("%(name)s is not in %(team)s any more. The documents stay with the team.")
        messages.success(request, words % {"name": member.person, "team": member.team})
    return redirect("team")


@login_required
@require_POST
def set_active(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Deactivate or reactivate an account; for site administrators, and not their own."""
    if not request.user.is_superuser:
        raise Http404
    person = get_object_or_404(User, pk=pk, is_service=False)
    active = request.POST.get("active") == "yes"
    if person == request.user:
        messages.error(request, _("You cannot close your own account. Ask another administrator."))
        return redirect("team")
    try:
        changed = membership.set_active(person, active)
    except membership.LastSiteAdministrator:
        changed = False
        messages.error(request, _("The portal keeps at least one administrator. Make somebody else one first."))
    if changed:
        words = _("%(name)s can sign in again.") if active else _("%(name)s is signed out and cannot sign in any more.")
        messages.success(request, words % {"name": person})
    return redirect("team")


def _team_page(person: User) -> dict[str, object]:
    everybody = Prefetch(
        "memberships",
        Membership.objects.filter(person__is_service=False).select_related("person").order_by("person__name", "pk"),
    )
    invited = Prefetch("invitations", Invitation.objects.pending().select_related("invited_by").order_by("-pk"))
    teams = Team.objects.all() if person.is_superuser else Team.objects.filter(members=person.pk)
    shown = []
    for item in teams.prefetch_related(everybody, invited).order_by("name"):
        members = list(item.memberships.all())
        roles = {member.person_id: member.role for member in members}
        administered = person.is_superuser or roles.get(person.pk) == Membership.Role.ADMINISTRATOR
        shown.append(TeamView(item, members, list(item.invitations.all()) if administered else [], administered))
    sees_log = person.is_superuser or any(item.administered for item in shown)
    return {"teams": shown, "roles": Membership.Role.choices, "sees_log": sees_log, "mail_works": settings.MAIL_WORKS}


def administered_or_refuse(person: User, pk: int) -> Team:
    """The team if this person administers it; 403 for other members, 404 for everybody else."""
    administered_team = get_object_or_404(Team, pk=pk)
    if membership.administers(person, administered_team):
        return administered_team
    if Membership.objects.filter(person=person, team=administered_team).exists():
        raise PermissionDenied(_("Only administrators of the team may do this."))
    raise Http404


def _membership(person: User, pk: int) -> Membership:
    member = get_object_or_404(Membership.objects.select_related("person", "team"), pk=pk)
    administered_or_refuse(person, member.team_id)
    return member
