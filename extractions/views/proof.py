"""The proof sheet of an approved document."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from extractions.intake.file_names import clean_name
from extractions.presentation.proof.contents import NotApproved
from extractions.presentation.proof.making import proof_sheet
from extractions.storage.served_files import SANDBOXED, guarded
from extractions.views.access import get_visible
from extractions.views.live import AuthenticatedRequest, live


@live
@login_required
@require_safe
def proof(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    extraction = get_visible(request, key)
    try:
        sheet = proof_sheet(extraction, request.user)
    except NotApproved:
        messages.info(request, _("A proof sheet is made of approved documents. Approve this one first."))
        return redirect(extraction)
    response = HttpResponse(sheet, content_type="application/pdf")
    name = clean_name(f"{Path(extraction.name).stem}-{_('proof')}.pdf")
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return guarded(response, SANDBOXED)
