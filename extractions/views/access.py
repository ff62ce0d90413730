"""Access checks: the lookups that the views of one document start with."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from extractions.models import Extraction
from extractions.presentation.document.status_explanation import Reader
from extractions.views.live import AuthenticatedRequest
from portal.people.membership import administers
from portal.people.models import Membership, Team, User


def get_visible(request: AuthenticatedRequest, key: UUID) -> Extraction:
    """The document, if visible to this person; else 404."""
    rows = Extraction.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("owner", "schema", "classifier", "connection", "decided_by"), key=key)


def get_changeable(request: AuthenticatedRequest, key: UUID) -> Extraction:
    """The document, if this person may act on it; 404 if it is invisible, 403 for viewers."""
    extraction = get_visible(request, key)
    if not may_change(request.user, extraction):
        raise PermissionDenied(_("Viewers may look at documents but not change them."))
    return extraction


def may_change(person: User, extraction: Extraction) -> bool:
    roles = Membership.objects.filter(person=person, team=extraction.team_id)
    return roles.exclude(role=Membership.Role.VIEWER).exists()


def reader_of(person: User, extraction: Extraction) -> Reader:
    """What explanations show to this person beyond the usual: hints on repairing the connection."""
    if not extraction.connection.paused:
        return Reader()
    administers = Membership.objects.filter(person=person, team=extraction.team_id, role=Membership.Role.ADMINISTRATOR)
    return Reader(
        hints=person.is_staff or administers.exists(), resumes=person.has_perm("extractions.change_connection")
    )


def administered_team(person: User, pk: int) -> Team:
    """The team if this person administers it; 403 for other members, 404 for everybody else."""
    team = get_object_or_404(Team, pk=pk)
    if administers(person, team):
        return team
    if Membership.objects.filter(person=person, team=team).exists():
        raise PermissionDenied(_("Only administrators of the team may do this."))
    raise Http404
