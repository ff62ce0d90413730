"""The error handler for exceptions that no view expects."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.defaults import server_error as default_server_error

from portal.database_retry import is_busy

RETRY_AFTER = 5  # seconds


def server_error(request: HttpRequest) -> HttpResponse:
    """503 for a database that is busy or unreachable, since that is temporary; 500 for anything else."""
    return busy(request) if is_busy(sys.exc_info()[1]) else default_server_error(request)


def busy(request: HttpRequest) -> HttpResponse:
    if "json" in request.headers.get("Content-Type", "") or "json" in request.headers.get("Accept", ""):
        message = _("The portal is busy at the moment. Nothing was changed; try again in a few seconds.")
        response: HttpResponse = JsonResponse({"error": message}, status=503)
    else:
        response = default_server_error(request, template_name="503.html")
        response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_AFTER)
    response.headers["Cache-Control"] = "no-store"
    return response
