"""503 with an explanation while the file store is unmounted. Pages that need no files keep working."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from extractions.storage import file_store
from extractions.storage.file_store import StoreUnavailable
from portal.errors import is_for_programs

RETRY_SECONDS = 5


class StoreMiddleware:
    """Answers 503 to requests that need files while the store is unreachable."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Before the body is parsed, which would write uploads to DATA_DIR.
        if request.method == "POST" and request.path in _uploads() and not file_store.is_reachable():
            return unavailable(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, StoreUnavailable):
            return unavailable(request)
        if isinstance(exception, OSError) and not file_store.is_reachable():
            return unavailable(request)
        return None


def unavailable(request: HttpRequest) -> HttpResponse:
    if is_for_programs(request):
        response: HttpResponse = JsonResponse({"detail": sentence()}, status=503)
    elif "HX-Request" in request.headers:
        response = HttpResponse(sentence(), content_type="text/plain; charset=utf-8", status=503)
    else:
        response = HttpResponse(render_to_string("503.html", {"sentence": sentence()}), status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    patch_cache_control(response, no_store=True)
    return response


def sentence() -> str:
    return _(
        "The folder of files cannot be reached at the moment. Documents that were received wait safely; "
        "try again in a moment."
    )


def _uploads() -> tuple[str, ...]:
    return reverse("extractions:upload"), reverse("extractions:drafts"), reverse("extractions:api:extracts")
