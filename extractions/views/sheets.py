"""What the viewer asks for beside the page images: which pages are drawn, the words on them, a value cut out."""

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

from extractions.presentation.crops import crop_of, cut
from extractions.views.gate import seen
from extractions.views.live import AuthenticatedRequest, live

FOR_A_YEAR = 365 * 24 * 3600


@live
@login_required
@require_safe
def pages(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The pages that are drawn, and whether more will come."""
    extraction = seen(request, key)
    drawn = list(extraction.pages.values("number", "width", "height"))
    answer = JsonResponse({"pages": drawn, "more": extraction.pages_due_at is not None})
    patch_cache_control(answer, private=True, no_store=True)
    return answer


@live
@login_required
@require_safe
def words(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    """Every word with its box, by page: [x0, y0, x1, y1, text], in fractions of the page."""
    extraction = seen(request, key)
    by_page = {str(page.number): page.words for page in extraction.page_words.all()}
    content = json.dumps({"pages": by_page}, ensure_ascii=False, separators=(",", ":")).encode()
    etag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = HttpResponse(content, content_type="application/json")
    answer.headers["ETag"] = etag
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


@live
@login_required
@require_safe
def crop(request: AuthenticatedRequest, key: UUID, position: int) -> HttpResponseBase:
    """The line of the page that a value was found in. `?v=` names one version, which may be kept."""
    extraction = seen(request, key)
    value = get_object_or_404(extraction.values, position=position)
    image = extraction.pages.filter(number=value.page).first() if value.page else None
    wanted = crop_of(image, value.boxes) if image else None
    if wanted is None:
        raise Http404
    etag = quote_etag(wanted.version)
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        try:
            answer = HttpResponse(cut(wanted), content_type="image/jpeg")
        except OSError as error:  # gone, or no picture
            raise Http404 from error
    answer.headers["ETag"] = etag
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if request.GET.get("v") == wanted.version:
        patch_cache_control(answer, private=True, immutable=True, max_age=FOR_A_YEAR)
    else:
        patch_cache_control(answer, private=True, no_cache=True)
    return answer
