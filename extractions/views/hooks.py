"""The webhook that the extraction service calls when a document is done."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from extractions.forwarding.steps import webhook_receiver
from portal.admission import receives


@receives(
    lambda: webhook_receiver.MAX_BODY_BYTES, may=lambda secret: webhook_receiver.is_valid_secret(secret), anonymous=True
)
@csrf_exempt
@require_POST
def hook(request: HttpRequest, secret: str) -> HttpResponse:
    """Respond at once. The payload is never trusted; it only triggers a status request."""
    if not webhook_receiver.is_valid_secret(secret):
        raise Http404
    webhook_receiver.receive(request.read(webhook_receiver.MAX_BODY_BYTES))
    return HttpResponse(status=204)
