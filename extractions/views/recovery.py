"""Actions that help a document that waits or has failed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from extractions.forms.changed_options import ChangedOptionsForm
from extractions.intake.budget import OverBudget
from extractions.intake.submitting import OriginalMissing
from extractions.models import Connection
from extractions.presentation.document.estimates import about_credits
from extractions.presentation.document.sentences import explanation_of
from extractions.services import recovery
from extractions.views.access import get_changeable
from extractions.views.actions import back, reject_without_original, warn_too_late
from extractions.views.live import AuthenticatedRequest, live


@live
@login_required
@require_POST
def try_now(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = get_changeable(request, key)
    if recovery.try_now(extraction):
        messages.success(request, _("“%(name)s” is tried now.") % {"name": extraction.name})
    else:
        warn_too_late(request, extraction)
    return back(request, extraction)


@live
@login_required
@require_POST
def use_server(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = get_changeable(request, key)
    if recovery.use_server(extraction, request.POST.get("choice", "")):
        names = {"name": extraction.name, "server": extraction.server}
        messages.success(request, _("“%(name)s” is sent to %(server)s now.") % names)
    else:
        warn_too_late(request, extraction)
    return back(request, extraction)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_options(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Extract a stored file again with other options."""
    extraction = get_changeable(request, key)
    form = ChangedOptionsForm(
        request.POST or None,
        extraction=extraction,
        person=request.user,
        connection=Connection.for_team(extraction.team_id),
    )
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(recovery.send_with(extraction, form.options(), request.user))
        except OverBudget:
            form.add_error(None, _("Your team would spend more credits than it may this month. Nothing was sent."))
        except OriginalMissing:
            return reject_without_original(request, extraction)
    context = {
        "extraction": extraction,
        "form": form,
        "account": explanation_of(extraction),
        "charged": not extraction.never_handed_over,
        "about_credits": about_credits(extraction),
    }
    return render(request, "extractions/change_options.html", context, status=422 if form.errors else 200)
