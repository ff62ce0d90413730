"""What helps a document that waits or went wrong."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from extractions.changed_options import ChangedOptionsForm
from extractions.models import Connection
from extractions.presentation.estimates import about_credits
from extractions.presentation.sentences import account_of
from extractions.services import unsticking
from extractions.services.budget import OverBudget
from extractions.services.submitting import OriginalMissing
from extractions.views.actions import back, tell_missing, tell_too_late
from extractions.views.gate import changed
from extractions.views.live import AuthenticatedRequest, live


@live
@login_required
@require_POST
def try_now(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = changed(request, key)
    if unsticking.try_now(extraction):
        messages.success(request, _("“%(name)s” is tried now.") % {"name": extraction.name})
    else:
        tell_too_late(request, extraction)
    return back(request, extraction)


@live
@login_required
@require_POST
def use_server(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = changed(request, key)
    if unsticking.use_server(extraction, request.POST.get("choice", "")):
        told = {"name": extraction.name, "server": extraction.server}
        messages.success(request, _("“%(name)s” is sent to %(server)s now.") % told)
    else:
        tell_too_late(request, extraction)
    return back(request, extraction)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_options(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The form of the upload page for a file that is here already."""
    extraction = changed(request, key)
    form = ChangedOptionsForm(
        request.POST or None,
        extraction=extraction,
        person=request.user,
        connection=Connection.of_team(extraction.team_id),
    )
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(unsticking.send_with(extraction, form.options(), request.user))
        except OverBudget:
            form.add_error(None, _("Your team would spend more credits than it may this month. Nothing was sent."))
        except OriginalMissing:
            return tell_missing(request, extraction)
    context = {
        "extraction": extraction,
        "form": form,
        "account": account_of(extraction),
        "charged": not extraction.never_handed_over,
        "about_credits": about_credits(extraction),
    }
    return render(request, "extractions/change_options.html", context, status=422 if form.errors else 200)
