"""The error handlers: pages for people, JSON for programs."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.defaults import server_error as default_server_error

from portal.database_retry import is_busy
from portal.request_ids import current_request_id
from portal.serving.refusals import API_PREFIX

RETRY_AFTER = 5  # seconds
PROBLEMS_BELOW = f"{API_PREFIX}v1/"


def server_error(request: HttpRequest) -> HttpResponse:
    """503 for a database that is busy or unreachable, since that is temporary; 500 for anything else."""
    if is_busy(sys.exc_info()[1]):
        return busy(request)
    if is_for_programs(request):
        return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "A server error occurred.")
    page = render_to_string("500.html", {"request_id": current_request_id()})
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return _problem(request, HTTPStatus.BAD_REQUEST, "Bad request.")
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return _problem(request, HTTPStatus.NOT_FOUND, "Not found.")
    return defaults.page_not_found(request, exception)


def _problem(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    """Problem details (RFC 9457) where those are spoken; the dialect knows the detail alone."""
    if not request.path_info.startswith(PROBLEMS_BELOW):
        return JsonResponse({"detail": detail}, status=status)
    problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return JsonResponse(problem, status=status, content_type="application/problem+json")


def is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith(API_PREFIX)


def busy(request: HttpRequest) -> HttpResponse:
    kinds = (request.headers.get(name, "") for name in ("Content-Type", "Accept"))
    if is_for_programs(request) or any("json" in kind for kind in kinds):
        message = _("The portal is busy at the moment. Nothing was changed; try again in a few seconds.")
        response: HttpResponse = JsonResponse({"error": message, "detail": message}, status=503)
    else:
        response = default_server_error(request, template_name="503.html")
        response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_AFTER)
    response.headers["Cache-Control"] = "no-store"
    return response
