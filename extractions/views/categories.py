"""A person's word on the category of one document, and the next step that the category chooses."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from extractions.intake import submitting
from extractions.intake.receiving import Refused
from extractions.intake.routing import AUTOMATIC
from extractions.services import classifier_studio as service
from extractions.views.access import get_changeable
from extractions.views.actions import back, reject_refused, reject_without_original
from extractions.views.live import AuthenticatedRequest


@login_required
@require_POST
def set_category(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """`choice` is the id of a classifier and a category; an empty category takes it back."""
    extraction = get_changeable(request, key)
    number, _colon, category = request.POST.get("choice", "").partition(":")
    studio = next((row for row in service.studios_for(extraction) if str(row.pk) == number), None)
    if studio is None or (category and category not in studio.newest.names):
        raise BadRequest("choice")
    service.set_category(studio, extraction, category, request.user)
    if category:
        messages.success(request, _("Noted: this is “%(name)s”. The classifier learns from it.") % {"name": category})
    else:
        messages.info(request, _("Taken back. The answer of the classifier counts again."))
    return back(request, extraction)


@login_required
@require_POST
def next_step(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Extract the document with the schema that its category chooses, as a new document."""
    extraction = get_changeable(request, key)
    schema = service.schema_for(extraction)
    if schema is None:
        messages.info(request, _("Its category no longer chooses a schema."))
        return back(request, extraction)
    options = submitting.Options(
        schema=schema,
        server=AUTOMATIC if extraction.routing else extraction.server,
        pdf_page_start=extraction.pdf_page_start,
        pdf_page_end=extraction.pdf_page_end,
        metadata=extraction.metadata,
    )
    try:
        return back(request, submitting.extract_again(extraction, request.user, options))
    except submitting.OriginalMissing:
        return reject_without_original(request, extraction)
    except Refused as error:
        return reject_refused(request, extraction, error)
