"""Health check and Prometheus metrics."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from extractions.monitoring.health import Level, checks, worst
from extractions.monitoring.metrics import prometheus_text


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while documents are received, sent and read, else 503. Warnings come with 200, too.

    Public; details only for staff and for holders of METRICS_TOKEN.
    """
    found = checks()
    wrong = [check.sentence for check in found if not check.well]
    level = worst(found)
    payload: dict[str, object] = {"status": level, "reasons": wrong}
    # Without the database nobody can be authenticated.
    if found[0].well and _may_know(request):
        payload["checks"] = {
            check.name: {"status": check.severity, "well": check.well, "detail": check.detail} for check in found
        }
    return JsonResponse(payload, status=503 if level == Level.DOWN else 200)


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
