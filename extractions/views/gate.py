"""Who gets in: the look-ups that the views of one document begin with."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from extractions.models import Extraction
from extractions.presentation.account import Reader
from extractions.views.live import AuthenticatedRequest
from portal.people.models import Membership, User


def seen(request: AuthenticatedRequest, key: UUID) -> Extraction:
    """The document, if this person may know of it; 404 otherwise."""
    rows = Extraction.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("owner", "schema", "classifier", "connection", "decided_by"), key=key)


def changed(request: AuthenticatedRequest, key: UUID) -> Extraction:
    """The document, if this person may also change what becomes of it: viewers may only look."""
    extraction = seen(request, key)
    if not may_change(request.user, extraction):
        raise PermissionDenied(_("Viewers may look at documents but not change them."))
    return extraction


def may_change(person: User, extraction: Extraction) -> bool:
    roles = Membership.objects.filter(person=person, team=extraction.team_id)
    return roles.exclude(role=Membership.Role.VIEWER).exists()


def reader_of(person: User, extraction: Extraction) -> Reader:
    """What this person may read of a story beyond what everybody may: how to put the connection right."""
    if not extraction.connection.paused:
        return Reader()
    administers = Membership.objects.filter(person=person, team=extraction.team_id, role=Membership.Role.ADMINISTRATOR)
    return Reader(
        hints=person.is_staff or administers.exists(), resumes=person.has_perm("extractions.change_connection")
    )
