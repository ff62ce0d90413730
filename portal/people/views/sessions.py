"""The sessions page: signing out everywhere."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.audit.recording import Action, record
from portal.people import devices
from portal.people.models import User


class AuthenticatedRequest(HttpRequest):
    user: User


@login_required
@require_safe
def sessions(request: AuthenticatedRequest) -> HttpResponse:
    return render(request, "account/sessions.html")


@login_required
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def sign_out_everywhere(request: AuthenticatedRequest) -> HttpResponse:
    """Ends all other sessions; this one has just been reauthenticated."""
    person = request.user
    with transaction.atomic():
        person.end_all_sessions()
        record(Action.SESSIONS_ENDED, person)
    update_session_auth_hash(request, person)
    devices.remember(request, person)
    messages.success(request, _("You are signed out in every other browser, and links for a new password are void."))
    return redirect("account_sessions")
