"""Where the link of an invitation leads."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal.people import invitations
from portal.people.company.policy import is_the_only_way
from portal.people.forms import JoinForm
from portal.people.models import Invitation, User


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET never joins: link previews of chat programs open links, too."""
    found = invitations.find(token)
    if found is None:
        return render(request, "people/invitation_over.html", status=404)
    try:
        if request.method == "POST" and isinstance(request.user, User):
            invitations.join(found, request.user)
            return _welcome(request, found)
        form = None if request.user.is_authenticated or is_the_only_way() else JoinForm(request.POST or None)
        if request.method == "POST" and form is not None and form.is_valid():
            person = invitations.join_as_new_person(found, **form.cleaned_data)
            login(request, person, backend="django.contrib.auth.backends.ModelBackend")
            return _welcome(request, found)
    except (invitations.InvitationClosed, IntegrityError):
        return render(request, "people/invitation_over.html", status=404)
    return render(request, "people/invitation.html", {"invitation": found, "form": form, "token": token})


def _welcome(request: HttpRequest, found: Invitation) -> HttpResponse:
    messages.success(request, _("Welcome to %(team)s.") % {"team": found.team})
    return redirect("extractions:dashboard")
