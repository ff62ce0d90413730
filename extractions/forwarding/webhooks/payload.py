"""What a message says: type, time, ids, states and links; content only where the webhook asks for it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.urls import reverse
from standardwebhooks import Webhook as Signer

from extractions.models import Extraction, Webhook, WebhookMessage
from extractions.result.numbers import dump_json
from extractions.verification.review_status import current_data_of

MAX_VALUES_CHARS = 256 * 1024


def body_of(message: WebhookMessage, extraction: Extraction | None) -> str:
    """The body for a document that still exists in the webhook's team; without one, the ids only.

    What was true at the event comes from `message.facts`, which `publish` stores; the rest is as it is when it is sent.
    """
    data: dict[str, object] = {"team": message.webhook.team_id} | message.facts
    known = extraction or message.extraction
    if known is not None:
        data = {"id": str(known.key), "service_id": known.remote_id} | data
    if extraction is not None:
        data["links"] = _links(message.webhook, extraction)
        if message.webhook.include_values:
            data |= _content(extraction)
    at = message.happened_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return dump_json({"type": message.event, "timestamp": at, "data": data})


def headers_of(message_id: str, at: datetime, body: str, secrets: list[str]) -> dict[str, str]:
    """The headers of the Standard Webhooks specification, with a signature by each valid secret."""
    at = at.astimezone(UTC)
    signatures = [Signer(secret).sign(message_id, at, body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _links(webhook: Webhook, extraction: Extraction) -> dict[str, str]:
    root = webhook.portal_url.rstrip("/")
    links = {"page": root + extraction.get_absolute_url()}
    if extraction.review_state:
        links["review"] = root + reverse("extractions:review", args=[extraction.key])
    return links


def _content(extraction: Extraction) -> dict[str, object]:
    values = None
    if extraction.state == Extraction.State.EXTRACTED:
        values = current_data_of(extraction, extraction.values.all())
    too_large = values is not None and len(dump_json(values)) > MAX_VALUES_CHARS
    content = {"name": extraction.name, "metadata": extraction.metadata, "values": None if too_large else values}
    return content | ({"values_omitted": True} if too_large else {})
