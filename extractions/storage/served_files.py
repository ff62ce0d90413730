"""Serves stored files of documents. They are untrusted, so headers restrict what a browser may do with them."""

from __future__ import annotations

from pathlib import Path

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag

from extractions.storage.file_store import require

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


def serve_file(
    request: HttpRequest, stored: FieldFile, mime: str, name: str, *, download: bool = False
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
            filename=name,
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
