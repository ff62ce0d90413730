"""What staff decide about the connection to the service."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from extractions.forwarding import copies
from extractions.views.live import AuthenticatedRequest


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def go_on(request: AuthenticatedRequest) -> HttpResponse:
    """No other portal works with these rows, so this one may send again."""
    if copies.go_on(request.user):
        messages.success(request, _("Sending goes on. What may have been sent already is looked for first."))
    else:
        messages.info(request, _("There was nothing to decide: this portal knows itself."))
    return redirect("extractions:dashboard")
