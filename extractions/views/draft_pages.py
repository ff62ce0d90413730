"""The pages of a draft before it is submitted: thumbnails, their arrangement, and the files made from them."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.intake import cut_proposals, splitting
from extractions.intake import drafts as service
from extractions.intake.arrangement import InvalidArrangement, arrangement_from
from extractions.intake.inspection_slots import Busy, inspection_slot
from extractions.intake.receiving import Refused
from extractions.models import CutProposal, Draft
from extractions.presentation.upload.cut_proposals import described
from extractions.presentation.upload.refusals import refusal
from extractions.presentation.upload.upload_preview import Row
from extractions.views.drafts import SHOWN_FOR, own_draft
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.uploads import busy_answer
from reading.errors import CannotRead

MOST_BYTES = 200_000
"""Of an arrangement, with room for the most pages that a file may have."""


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The editor of the pages; by POST its arrangement is remembered."""
    try:
        draft = splitting.whole_of(own_draft(request, key))
    except Refused as refused:
        return _refused(refused, "")
    if request.method == "POST":
        try:
            splitting.arrange(draft, arrangement_from(_parsed(request), draft.page_count))
        except InvalidArrangement as error:
            raise BadRequest("arrangement") from error
        return HttpResponse(status=204)
    context = {"draft": draft, "arrangement": splitting.arrangement_of(draft).as_json()}
    return render(request, "extractions/_draft_pages.html", context)


@live
@login_required
@require_safe
def sheets(request: AuthenticatedRequest, key: UUID, first: int) -> HttpResponse:
    """Thumbnails of some pages from `first` on, as data URLs by page number."""
    draft = own_draft(request, key)
    try:
        with inspection_slot(request.user.pk):
            found = _thumbnails(draft, first)
    except Busy as busy:
        return busy_answer(busy)
    except CannotRead:
        return JsonResponse({"sheets": {}})  # pages can be arranged by number without thumbnails
    pictures = {number: f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" for number, picture in found}
    response = JsonResponse({"sheets": pictures})
    patch_cache_control(response, private=True, max_age=SHOWN_FOR)
    return response


@live
@login_required
@require_POST
def split(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Make the files that were arranged; answers the rows that stand in the place of the draft and its parts."""
    row = own_draft(request, key)
    try:
        draft = splitting.whole_of(row)
        replaced = [draft, *Draft.objects.parts_of(draft)]
        with inspection_slot(request.user.pk):
            made = splitting.split(draft, request.user)
    except Busy as busy:
        return busy_answer(busy)
    except Refused as refused:
        return _refused(refused, row.name)
    context = {"rows": [Row(row.name, row.size, draft=row) for row in made], "replaced": replaced}
    return render(request, "extractions/_draft_parts.html", context)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cuts(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Where it is proposed to cut the file; by POST the worker is asked, and with `recognise` also about scans."""
    try:
        draft = splitting.whole_of(own_draft(request, key))
    except Refused as refused:
        return _refused(refused, "")
    if request.method == "POST":
        return JsonResponse(described(cut_proposals.ask(draft, recognise="recognise" in request.POST)))
    proposal = CutProposal.objects.filter(draft=draft).first()
    return JsonResponse(described(proposal) if proposal else {"state": "none"})


def _thumbnails(draft: Draft, first: int) -> list[tuple[int, bytes]]:
    if not draft.is_pdf or not 1 <= first <= draft.page_count:
        return []
    return service.thumbnails(draft, first, service.SHEET_WIDTH, service.SHEETS)


def _parsed(request: AuthenticatedRequest) -> Any:
    text = request.POST.get("arrangement", "")
    if len(text) > MOST_BYTES:
        raise BadRequest("arrangement")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest("arrangement") from error


def _refused(refused: Refused, name: str) -> HttpResponse:
    sentence = refusal(name, refused.reason, refused.facts)
    words = _("The pages stay as they are: %(why)s %(remedy)s") % {"why": sentence.why, "remedy": sentence.remedy}
    return HttpResponse(words, "text/plain; charset=utf-8", status=409)
