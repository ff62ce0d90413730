"""The files of one document."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from extractions.intake.file_names import clean_name
from extractions.storage.served_files import SANDBOXED, guarded, serve_file
from extractions.views.access import get_visible
from extractions.views.live import AuthenticatedRequest, live
from portal.audit.recording import Action, record_view


@live
@login_required
@require_safe
def raw(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    """The service's complete response."""
    extraction = get_visible(request, key)
    if extraction.raw is None:
        raise Http404
    record_view(Action.SEEN, extraction)
    text = json.dumps(extraction.raw, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = clean_name(f"{Path(extraction.name).stem}.json")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return guarded(response, SANDBOXED)


@live
@login_required
@require_safe
def document(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    """The original, inline; `?download` as an attachment."""
    extraction = get_visible(request, key)
    record_view(Action.FILE_SEEN, extraction)
    name = extraction.name if not extraction.deleted_at else "document"
    return serve_file(
        request, extraction.document, extraction.mime, clean_name(name), download="download" in request.GET
    )


@live
@login_required
@require_safe
def page(request: AuthenticatedRequest, key: UUID, number: int) -> HttpResponseBase:
    """`?size=small` for the thumbnail; `?size=sharp` for high resolution, with 202 until the worker has rendered it."""
    image = get_object_or_404(get_visible(request, key).pages, number=number)
    size = request.GET.get("size")
    if size == "sharp" and not image.sharp:
        image.request_sharp()
        response = HttpResponse(status=202, headers={"Retry-After": "1"})
        patch_cache_control(response, private=True, no_store=True)
        return response
    file = {"small": image.small or image.file, "sharp": image.sharp}.get(size or "", image.file)
    return serve_file(request, file, "image/jpeg", clean_name(f"page-{number}.jpg"))


@live
@login_required
@require_safe
def picture(request: AuthenticatedRequest, key: UUID, position: int) -> HttpResponseBase:
    image = get_object_or_404(get_visible(request, key).content_images, position=position)
    name = Path((image.name or "").replace("\\", "/")).name or f"picture-{position + 1}"
    return serve_file(request, image.file, image.mime, clean_name(name), download="download" in request.GET)
