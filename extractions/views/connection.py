"""Decisions of staff about this installation: resuming after a copy was detected, acknowledging quarantine."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from extractions.forwarding.steps import clone_guard
from extractions.models import Installation
from extractions.views.live import AuthenticatedRequest


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def go_on(request: AuthenticatedRequest) -> HttpResponse:
    """Staff confirm that no other portal uses this database, so that this one may send again."""
    try:
        decided = clone_guard.confirm_sole_copy(request.user)
    except clone_guard.NoDocuments:
        messages.error(
            request,
            _("The folder has none of the latest documents, so it is probably not the right one. Is its disk mounted?")
            + " "
            + _("If the documents are lost, an administrator of the machine can run “manage.py adopt_files”."),
        )
        return redirect("extractions:worker" if request.user.is_staff else "extractions:dashboard")
    if decided:
        messages.success(request, _("Sending goes on. What may have been sent already is looked for first."))
    else:
        messages.info(request, _("There was nothing to decide: this portal knows itself."))
    return redirect("extractions:dashboard")


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def quarantine_seen(request: AuthenticatedRequest) -> HttpResponse:
    """Acknowledge the files in quarantine; the banner returns with the next file."""
    Installation.objects.update(quarantine_seen=F("quarantined_files"))
    return redirect("extractions:worker" if request.user.is_staff else "extractions:dashboard")
