"""For the programs that watch the portal: is it well, and what are its figures."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from extractions.health import checks
from extractions.metrics import prometheus_text


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200, or 503 with the reason in words. Anybody may ask; details are for those who run the portal."""
    found = checks()
    wrong = [check.sentence for check in found if not check.well]
    told: dict[str, Any] = {"status": "unwell" if wrong else "well", "reasons": wrong}
    # Without a database nobody can be recognised.
    if found[0].well and _may_know(request):
        told["checks"] = {check.name: {"well": check.well, "detail": check.detail} for check in found}
    return JsonResponse(told, status=503 if wrong else 200)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_know(request):
        return HttpResponse("Sign in as staff, or send METRICS_TOKEN as a bearer token.\n", "text/plain", 403)
    return HttpResponse(prometheus_text(), CONTENT_TYPE_LATEST)


def _may_know(request: HttpRequest) -> bool:
    word, _space, token = request.headers.get("Authorization", "").partition(" ")
    known = settings.METRICS_TOKEN
    if known and word.lower() == "bearer" and constant_time_compare(token.strip(), known):
        return True
    return bool(request.user.is_authenticated and request.user.is_staff)
