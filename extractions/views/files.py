"""The files of one document. They are untrusted, so headers restrict what a browser may do with them."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from extractions.intake.file_names import clean_name
from extractions.storage.file_store import require
from extractions.views.access import get_visible
from extractions.views.live import AuthenticatedRequest, live
from portal.audit.recording import Action, record_view

PDF = "application/pdf"
# Types that may be shown inline; anything else is always a download.
SHOWN = frozenset({PDF, "image/png", "image/jpeg", "image/gif", "image/webp"})
# No scripts, no subresources, no requests.
SANDBOXED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
# Chromium shows no PDF under `sandbox`, for its viewer is a plug-in. Even without it a file that only pretends to be a
# PDF is harmless: we set its type, `nosniff` enforces that, and nothing may be loaded, run or sent. The viewer runs
# scripts of the PDF outside of our origin.
FOR_PDF = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


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
    return _file(request, extraction.document, extraction.mime, name, download="download" in request.GET)


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
    return _file(request, file, "image/jpeg", f"page-{number}.jpg")


@live
@login_required
@require_safe
def picture(request: AuthenticatedRequest, key: UUID, position: int) -> HttpResponseBase:
    image = get_object_or_404(get_visible(request, key).content_images, position=position)
    name = Path((image.name or "").replace("\\", "/")).name or f"picture-{position + 1}"
    return _file(request, image.file, image.mime, name, download="download" in request.GET)


def _file(
    request: AuthenticatedRequest, stored: FieldFile, mime: str, name: str, *, download: bool = False
) -> HttpResponseBase:
    """Streamed from disk. Stored files are immutable, so the file's name serves as the ETag."""
    if not stored:
        raise Http404
    etag = quote_etag(Path(stored.name or "").stem)
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            file = stored.open("rb")
        except FileNotFoundError as error:
            require()
            raise Http404 from error
        shown = mime in SHOWN
        response = FileResponse(
            file,
            as_attachment=download or not shown,
            filename=clean_name(name),
            content_type=mime if shown else "application/octet-stream",
        )
    response.headers["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return guarded(response, FOR_PDF if mime == PDF and not download else SANDBOXED)


def guarded(response: HttpResponseBase, policy: str) -> HttpResponseBase:
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
