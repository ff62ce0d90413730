"""Actions on one document: cancel, delete, retry, decide."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from extractions.intake import submitting
from extractions.intake.receiving import Refused
from extractions.models import Extraction, trash_days
from extractions.presentation.upload.refusals import refusal
from extractions.views.access import get_changeable
from extractions.views.live import AuthenticatedRequest, live
from portal.redirects import redirect_within

CHOICES = ("look", "send", "give_up")


@live
@login_required
@require_POST
def cancel(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = get_changeable(request, key)
    if not extraction.cancel():
        warn_too_late(request, extraction)
    elif extraction.state == Extraction.State.CANCELLED:
        messages.success(request, _("“%(name)s” is cancelled. Nothing was charged.") % {"name": extraction.name})
    else:
        messages.info(request, _("“%(name)s” is being cancelled.") % {"name": extraction.name})
    return back(request, extraction)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = get_changeable(request, key)
    if request.method != "POST":
        context = {"extraction": extraction, "trash_days": trash_days(extraction.team_id)}
        return render(request, "extractions/delete.html", context)
    if not extraction.request_deletion():
        if extraction.is_held:
            messages.warning(request, _("“%(name)s” is under a legal hold and stays.") % {"name": extraction.name})
            return back(request, extraction)
    elif extraction.in_trash:
        messages.success(request, _("“%(name)s” is in the trash.") % {"name": extraction.name}, extra_tags=str(key))
    else:
        messages.success(request, _("“%(name)s” is deleted, here and at the service.") % {"name": extraction.name})
    return redirect("extractions:list")


@live
@login_required
@require_POST
def try_again(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Resend a document that was never accepted; one that failed at the service is copied to a new document."""
    extraction = get_changeable(request, key)
    try:
        sent = submitting.try_again(extraction, request.user)
    except submitting.OriginalMissing:
        return reject_without_original(request, extraction)
    except Refused as error:
        return reject_refused(request, extraction, error)
    if sent is None:
        warn_too_late(request, extraction)
    return back(request, sent or extraction)


@live
@login_required
@require_POST
def again(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Extract the same file with the same options again, as a new document, which is charged again."""
    extraction = get_changeable(request, key)
    try:
        return back(request, submitting.extract_again(extraction, request.user))
    except submitting.OriginalMissing:
        return reject_without_original(request, extraction)
    except Refused as error:
        return reject_refused(request, extraction, error)


@live
@login_required
@require_POST
def decide(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    extraction = get_changeable(request, key)
    choice = request.POST.get("choice", "")
    if choice not in CHOICES:
        raise BadRequest("choice")
    if not extraction.decide(choice, request.user):
        warn_too_late(request, extraction)
    return back(request, extraction)


def reject_without_original(request: AuthenticatedRequest, extraction: Extraction) -> HttpResponse:
    messages.error(
        request,
        _("Our copy of “%(name)s” is missing, so it cannot be sent. Upload the file again.")
        % {"name": extraction.name},
    )
    return back(request, extraction)


def reject_refused(request: AuthenticatedRequest, extraction: Extraction, error: Refused) -> HttpResponse:
    """Report why it may not be sent again, for example because the team's monthly credits are used up."""
    messages.error(request, str(refusal(extraction.name, error.reason, error.facts)))
    return back(request, extraction)


def warn_too_late(request: AuthenticatedRequest, extraction: Extraction) -> None:
    extraction.refresh_from_db(fields=["state"])
    messages.warning(
        request,
        _("Nothing was changed: “%(name)s” is now “%(state)s”.")
        % {"name": extraction.name, "state": extraction.get_state_display()},
    )


def back(request: AuthenticatedRequest, extraction: Extraction) -> HttpResponse:
    """Redirect to the page that the form names, if it is local; else to the document."""
    return redirect_within(request, request.POST.get("next", "")) or redirect(extraction)
