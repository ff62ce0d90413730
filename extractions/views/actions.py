"""What a person decides about one document."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from extractions.models import Extraction
from extractions.presentation.refusals import refusal
from extractions.services import submitting
from extractions.services.receiving import Refused
from extractions.views.gate import changed
from extractions.views.live import AuthenticatedRequest, live

CHOICES = ("look", "send", "give_up")


@live
@login_required
@require_POST
def cancel(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = changed(request, key)
    if not extraction.cancel():
        tell_too_late(request, extraction)
    elif extraction.state == Extraction.State.CANCELLED:
        messages.success(request, _("“%(name)s” is cancelled. Nothing was charged.") % {"name": extraction.name})
    else:
        messages.info(request, _("“%(name)s” is being cancelled.") % {"name": extraction.name})
    return back(request, extraction)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = changed(request, key)
    if request.method != "POST":
        return render(request, "extractions/delete.html", {"extraction": extraction})
    if extraction.request_deletion():
        messages.success(request, _("“%(name)s” is deleted, here and at the service.") % {"name": extraction.name})
    return redirect("extractions:list")


@live
@login_required
@require_POST
def try_again(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Send what was never taken; what the service took once and could not read becomes a new document."""
    extraction = changed(request, key)
    try:
        sent = submitting.try_again(extraction, request.user)
    except submitting.OriginalMissing:
        return tell_missing(request, extraction)
    except Refused as error:
        return tell_refused(request, extraction, error)
    if sent is None:
        tell_too_late(request, extraction)
    return back(request, sent or extraction)


@live
@login_required
@require_POST
def again(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The same file with the same options once more, as a new document that is paid for again."""
    extraction = changed(request, key)
    try:
        return back(request, submitting.extract_again(extraction, request.user))
    except submitting.OriginalMissing:
        return tell_missing(request, extraction)
    except Refused as error:
        return tell_refused(request, extraction, error)


@live
@login_required
@require_POST
def decide(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = changed(request, key)
    choice = request.POST.get("choice", "")
    if choice not in CHOICES:
        raise BadRequest("choice")
    if not extraction.decide(choice, request.user):
        tell_too_late(request, extraction)
    return back(request, extraction)


def tell_missing(request: AuthenticatedRequest, extraction: Extraction) -> HttpResponse:
    messages.error(
        request,
        _("Our copy of “%(name)s” is missing, so it cannot be sent. Upload the file again.")
        % {"name": extraction.name},
    )
    return back(request, extraction)


def tell_refused(request: AuthenticatedRequest, extraction: Extraction, error: Refused) -> HttpResponse:
    """It may not be sent once more, for example because the team's credits of the month are used up."""
    messages.error(request, str(refusal(extraction.name, error.reason, error.facts)))
    return back(request, extraction)


def tell_too_late(request: AuthenticatedRequest, extraction: Extraction) -> None:
    extraction.refresh_from_db(fields=["state"])
    messages.warning(
        request,
        _("Nothing was changed: “%(name)s” is now “%(state)s”.")
        % {"name": extraction.name, "state": extraction.get_state_display()},
    )


def back(request: AuthenticatedRequest, extraction: Extraction) -> HttpResponse:
    """To the page that the button stood on, if it named one of ours; else to the document."""
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect(extraction)
