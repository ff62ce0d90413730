"""Publishing a version, past the gate: where there is a test set, it runs on that first."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from extractions.models import SchemaVersion
from extractions.services import studio as studio_service
from extractions.services import trials as service
from extractions.views.live import AuthenticatedRequest
from portal.people.models import Membership, User


def publish_or_test(request: AuthenticatedRequest, version: SchemaVersion) -> HttpResponse:
    """Publish it, or lead to what stands in the way: the run on the test set, or what got worse there."""
    reason = request.POST.get("gate_reason", "").strip()
    try:
        if not studio_service.publish(version, request.user, reason=reason):
            messages.info(request, _("Version %(number)s is on its way already.") % {"number": version.number})
    except studio_service.GateClosed as closed:
        return _at_the_gate(request, version, closed.gate)
    return redirect(version.studio)


def require_member(request: AuthenticatedRequest, team: int) -> None:
    """Staff of the site write schemas everywhere, but documents are for their team only."""
    if not is_member(request.user, team):
        raise PermissionDenied(_("Only members of the team see its documents, so one of them has to try it."))


def is_member(person: User, team: int) -> bool:
    return Membership.objects.filter(person=person, team=team).exists()


def _at_the_gate(request: AuthenticatedRequest, version: SchemaVersion, gate: service.Gate) -> HttpResponse:
    if gate.standing == service.Standing.TO_RUN or gate.trial is None:
        require_member(request, version.studio.team_id)
        messages.info(request, _("Before it is published, it runs on the test set of this schema."))
        return redirect(service.of_version(version, request.user, of_test_set=True))
    if gate.standing == service.Standing.WORSE:
        messages.error(request, _("Fields got worse on the test set. Say why it is published all the same."))
    return HttpResponseRedirect(f"{gate.trial.get_absolute_url()}#publish")
