"""Endpoints of the document viewer besides page images: rendered pages, words, crops of values."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from extractions.models import Extraction, Value
from extractions.presentation.document.crops import crop_of, cut
from extractions.views.access import get_visible
from extractions.views.live import AuthenticatedRequest, live

FOR_A_YEAR = 365 * 24 * 3600


@live
@login_required
@require_safe
def pages(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The pages rendered so far, and whether more will follow."""
    extraction = get_visible(request, key)
    drawn = list(extraction.pages.values("number", "width", "height"))
    response = JsonResponse({"pages": drawn, "more": extraction.pages_due_at is not None})
    patch_cache_control(response, private=True, no_store=True)
    return response


@live
@login_required
@require_safe
def words(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    """Words by page as [x0, y0, x1, y1, text], in fractions of the page's width and height."""
    extraction = get_visible(request, key)
    by_page = {str(page.number): page.words for page in extraction.page_words.all()}
    content = json.dumps({"pages": by_page}, ensure_ascii=False, separators=(",", ":")).encode()
    etag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(content, content_type="application/json")
    response.headers["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@live
@login_required
@require_safe
def crop(request: AuthenticatedRequest, key: UUID, position: int) -> HttpResponseBase:
    """A crop of the line around a value. With `?v=` of the current version, it may be cached for a year."""
    extraction = get_visible(request, key)
    value = get_object_or_404(extraction.values, position=position)
    image = extraction.pages.filter(number=value.page).first() if value.page else None
    wanted = crop_of(image, value.boxes) if image else None
    if wanted is None:
        raise Http404
    etag = quote_etag(wanted.version)
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            response = HttpResponse(cut(wanted, _words_of(extraction, value)), content_type="image/jpeg")
        except OSError as error:  # missing or unreadable
            raise Http404 from error
    response.headers["ETag"] = etag
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.GET.get("v") == wanted.version:
        patch_cache_control(response, private=True, immutable=True, max_age=FOR_A_YEAR)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response


def _words_of(extraction: Extraction, value: Value) -> list[list[object]]:
    """Of the value's page."""
    if value.page is None:
        return []
    found = extraction.page_words.filter(number=value.page).values_list("words", flat=True).first()
    return found if isinstance(found, list) else []
