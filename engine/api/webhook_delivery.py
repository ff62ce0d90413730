"""Webhook delivery: a few attempts at each queued event, with growing delays."""

from __future__ import annotations

import ipaddress
import json
import logging
import threading
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import requests
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils.timezone import now

from engine.api.serializers import ContentImageSerializer, ExtractSerializer
from engine.models import ContentImage, Extract, WebhookDelivery
from engine.processing import erasure
from engine.processing.webhook_events import SESSION_EVENTS, session_of

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
_stalled: dict[UUID, threading.Thread] = {}
"""By target: the thread that is still waiting for a response."""


def is_allowed_url(url: str) -> bool:
    """https to any host; plain http only to the loopback interface, unless ENGINE_WEBHOOK_HTTP is on."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and (settings.ENGINE_WEBHOOK_HTTP or _is_loopback(parts.hostname or ""))


def payload(delivery: WebhookDelivery) -> dict[str, object]:
    """The id is the subscription's, as the API's documentation allows; it is not an idempotency key."""
    target = delivery.target
    is_session = target.event in SESSION_EVENTS
    return {
        "id": str(target.pk),
        "event": target.event,
        "timestamp": delivery.happened_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": _session_payload(delivery.extract) if is_session else extract_payload(delivery.extract),
    }


def extract_payload(extract: Extract) -> dict[str, object]:
    """The detail form; only webhooks add the ids of the images to it."""
    data = dict(ExtractSerializer(extract).data)
    data["content_images"] = [_image_payload(image) for image in extract.content_images.all()]
    return data


def deliver(delivery: WebhookDelivery) -> bool:
    """One attempt. A 2xx status is success; anything else is retried until the attempts are used up.

    The timeout of `requests` restarts with every byte, so a receiver that trickles its response could hold up all
    others for ever. The request therefore runs in a thread that is abandoned at the deadline. While that thread
    lives, nothing else is sent to its target, and deliveries are postponed without counting as attempts.
    """
    timeout = 2 * settings.ENGINE_WEBHOOK_TIMEOUT
    if _is_stalled(delivery.target.pk):
        later = now() + timedelta(seconds=timeout)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(next_try_at=later)
        return False
    body, results = json.dumps(payload(delivery), ensure_ascii=False).encode(), list[tuple[bool, str]]()
    request = threading.Thread(target=lambda: results.append(_post(delivery.target.url, body)), daemon=True)
    request.start()
    request.join(timeout)
    if request.is_alive():
        _stalled[delivery.target.pk] = request
    delivered, outcome = results[0] if results else (False, "did not answer in time")
    _record_attempt(delivery, delivered, outcome)
    return delivered


def _is_stalled(target: UUID) -> bool:
    request = _stalled.get(target)
    if request is not None and not request.is_alive():
        del _stalled[target]
        return False
    return request is not None


def _post(url: str, body: bytes) -> tuple[bool, str]:
    """Whether the receiver accepted it, and the outcome in words."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            response = session.post(
                url,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=settings.ENGINE_WEBHOOK_TIMEOUT,
                allow_redirects=False,
                stream=True,  # the response body is never read, so it cannot be endless
            )
    except requests.RequestException as error:
        return False, str(error)
    except Exception as error:  # urllib3 lets some errors through untranslated
        log.exception("webhook to %s", url)
        return False, f"request failed: {error}"
    return 200 <= response.status_code < 300, f"answered {response.status_code}"


def _record_attempt(delivery: WebhookDelivery, delivered: bool, outcome: str) -> None:
    delays = settings.ENGINE_WEBHOOK_PAUSES
    attempts = delivery.attempts + 1
    retry = not delivered and attempts <= len(delays)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        attempts=attempts,
        outcome=outcome[:500],
        delivered_at=now() if delivered else None,
        next_try_at=now() + timedelta(seconds=delays[attempts - 1]) if retry else None,
    )
    if not delivered:
        log.warning("webhook to %s: %s; %s", delivery.target.url, outcome, "will retry" if retry else "giving up")


class WebhookSender:
    """The background thread that sends due deliveries and erases what deleted documents left in the database."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._serve, name="webhooks")

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()

    def _serve(self) -> None:
        while not self.stopping.wait(POLL_SECONDS):
            try:
                close_old_connections()
                erasure.erase()
                for delivery in self._due():
                    if self.stopping.is_set():
                        break
                    deliver(delivery)
            except Exception:
                log.exception("webhook deliveries failed; will retry")
        connection.close()

    def _due(self) -> list[WebhookDelivery]:
        due = WebhookDelivery.objects.filter(next_try_at__lte=now()).order_by("next_try_at")
        return list(due.select_related("target", "extract")[:50])


def _session_payload(extract: Extract) -> dict[str, object]:
    """The API's documentation does not show this payload, so its shape is ours."""
    return {
        "id": str(extract.workflow_id),
        "workflow_session_id": extract.workflow_session_id,
        "extracts": [extract_payload(item) for item in session_of(extract)],
    }


def _image_payload(image: ContentImage) -> dict[str, object]:
    return {"id": str(image.pk), **ContentImageSerializer(image).data}


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
