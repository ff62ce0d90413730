"""The files of one document. Anybody may have made them, so a browser is told exactly what it may do with each."""

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

from extractions.views.gate import seen
from extractions.views.live import AuthenticatedRequest, live
from portal.audit.recording import Action, record_look

PDF = "application/pdf"
# The types that a browser may show; anything else is only ever downloaded.
SHOWN = frozenset({PDF, "image/png", "image/jpeg", "image/gif", "image/webp"})
# Nothing in the file may run, load or send anything.
SANDBOXED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
# Chromium shows no PDF under `sandbox`: its viewer is a plug-in, which a sandboxed page may not have. Without it a file
# that only pretends to be a PDF still cannot act: the type is our own, `nosniff` keeps the browser to it, and nothing
# may be loaded, run or sent. The viewer itself runs a PDF's scripts outside of our origin.
FOR_PDF = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@live
@login_required
@require_safe
def raw(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    """The service's whole answer as it came."""
    extraction = seen(request, key)
    if extraction.raw is None:
        raise Http404
    text = json.dumps(extraction.raw, ensure_ascii=False, indent=2)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = f"{Path(extraction.name).stem}.json"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return guarded(answer, SANDBOXED)


@live
@login_required
@require_safe
def document(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    """The original, to read in the browser; `?download` to keep it."""
    extraction = seen(request, key)
    record_look(Action.FILE_SEEN, extraction)
    name = extraction.name if not extraction.deleted_at else "document"
    return _file(request, extraction.document, extraction.mime, name, download="download" in request.GET)


@live
@login_required
@require_safe
def page(request: AuthenticatedRequest, key: UUID, number: int) -> HttpResponseBase:
    """`?size=small` for the thumbnail; `?size=sharp` for a closer look, with 202 until the worker has drawn it."""
    image = get_object_or_404(seen(request, key).pages, number=number)
    size = request.GET.get("size")
    if size == "sharp" and not image.sharp:
        image.want_sharp()
        answer = HttpResponse(status=202, headers={"Retry-After": "1"})
        patch_cache_control(answer, private=True, no_store=True)
        return answer
    file = {"small": image.small or image.file, "sharp": image.sharp}.get(size or "", image.file)
    return _file(request, file, "image/jpeg", f"page-{number}.jpg")


@live
@login_required
@require_safe
def picture(request: AuthenticatedRequest, key: UUID, position: int) -> HttpResponseBase:
    image = get_object_or_404(seen(request, key).content_images, position=position)
    name = Path((image.name or "").replace("\\", "/")).name or f"picture-{position + 1}"
    return _file(request, image.file, image.mime, name, download="download" in request.GET)


def _file(
    request: AuthenticatedRequest, stored: FieldFile, mime: str, name: str, *, download: bool = False
) -> HttpResponseBase:
    """Streamed from the disk. A stored file never changes, so its own name tells one version from another."""
    if not stored:
        raise Http404
    etag = quote_etag(Path(stored.name or "").stem)
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        try:
            file = stored.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        shown = mime in SHOWN
        answer = FileResponse(
            file,
            as_attachment=download or not shown,
            filename=name,
            content_type=mime if shown else "application/octet-stream",
        )
    answer.headers["ETag"] = etag
    patch_cache_control(answer, private=True, no_cache=True)
    return guarded(answer, FOR_PDF if mime == PDF and not download else SANDBOXED)


def guarded(answer: HttpResponseBase, policy: str) -> HttpResponseBase:
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
