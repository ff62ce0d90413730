"""Telling others that an extract or a workflow's session has ended: a few tries with growing pauses."""

from __future__ import annotations

import ipaddress
import json
import logging
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils.timezone import now

from engine import traces
from engine.models import UNFINISHED, ContentImage, Extract, ExtractQuerySet, Status, WebhookDelivery, WebhookTarget
from engine.serializers import ContentImageSerializer, ExtractSerializer
from engine.strangeness import jobs

log = logging.getLogger(__name__)
PATIENCE = 1.0
Event = WebhookTarget.Event
OF_A_SESSION = (Event.WORKFLOW_COMPLETED, Event.WORKFLOW_FAILED)
_left_behind: dict[Any, threading.Thread] = {}
"""By target: who still waits for the end of its answer."""


def allowed(url: str) -> bool:
    """https anywhere; plain http only to this very machine, unless a setting says otherwise."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and (settings.ENGINE_WEBHOOK_HTTP or _is_loopback(parts.hostname or ""))


def announce(extract: Extract) -> None:
    """Write down who has to be told that this extract has ended; call it in the same transaction."""
    extract.refresh_from_db(fields=["status"])
    failed = extract.status == Status.ERROR
    events = [Event.EXTRACT_FAILED if failed else Event.EXTRACT_COMPLETED]
    if extract.workflow_id is not None and not _session(extract).filter(status__in=UNFINISHED).exists():
        events.append(_end_of(_session(extract)))
    _put_down(extract, events)


def announce_without(extract: Extract) -> None:
    """Write down who has to be told of its session when this extract goes; call it in the same transaction, before.

    A session has ended when its last unfinished document is deleted, too. What hangs on the deleted one and has not
    been told passes to another; of a session without any there is nothing to tell.
    """
    others = _session(extract).exclude(pk=extract.pk)
    heir = others.first() if extract.workflow_id is not None else None
    if heir is None:
        return
    untold = WebhookDelivery.objects.filter(extract=extract, target__event__in=OF_A_SESSION, delivered_at=None)
    untold.update(extract=heir)
    was_unfinished = Extract.objects.filter(pk=extract.pk, status__in=UNFINISHED).exists()
    if was_unfinished and not others.filter(status__in=UNFINISHED).exists():
        _put_down(heir, [_end_of(others)])


def body(delivery: WebhookDelivery) -> dict[str, Any]:
    """The id is that of the subscription, as Anesya's may be: no key for dropping doubles."""
    target = delivery.target
    workflow = target.event in OF_A_SESSION
    return {
        "id": str(target.pk),
        "event": target.event,
        "timestamp": delivery.happened_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": _workflow_data(delivery.extract) if workflow else extract_data(delivery.extract),
    }


def extract_data(extract: Extract) -> dict[str, Any]:
    """The detail form, in which a webhook (and only a webhook) tells the ids of the pictures."""
    data = dict(ExtractSerializer(extract).data)
    data["content_images"] = [_image_data(image) for image in extract.content_images.all()]
    return data


def deliver(delivery: WebhookDelivery) -> bool:
    """One try. An answer of 2XX is success; anything else is tried again until the tries are used up.

    The time limit of `requests` begins anew with every byte, so that who sends one now and then could keep all others
    waiting for ever: the asking is done by a thread that is left behind. While it lives, its target is asked nothing
    more, and the delivery is put off without the loss of a try.
    """
    if _is_still_asked(delivery.target.pk):
        later = now() + timedelta(seconds=2 * settings.ENGINE_WEBHOOK_TIMEOUT)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(next_try_at=later)
        return False
    text, answers = json.dumps(body(delivery), ensure_ascii=False).encode(), list[tuple[bool, str]]()
    asking = threading.Thread(target=lambda: answers.append(_answer(delivery.target.url, text)), daemon=True)
    asking.start()
    asking.join(2 * settings.ENGINE_WEBHOOK_TIMEOUT)
    if asking.is_alive():
        _left_behind[delivery.target.pk] = asking
    delivered, outcome = answers[0] if answers else (False, "did not answer in time")
    _write_down(delivery, delivered, outcome)
    return delivered


def _is_still_asked(target: Any) -> bool:
    asking = _left_behind.get(target)
    if asking is not None and not asking.is_alive():
        del _left_behind[target]
        return False
    return asking is not None


def _answer(url: str, body: bytes) -> tuple[bool, str]:
    """Whether it was taken, and what was said."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                url,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=settings.ENGINE_WEBHOOK_TIMEOUT,
                allow_redirects=False,
                stream=True,  # nobody reads the answer, so nobody can make us read for ever
            )
    except requests.RequestException as error:
        return False, str(error)
    except Exception as error:  # of the libraries below, which do not translate all of theirs
        log.exception("webhook to %s", url)
        return False, f"could not be asked: {error}"
    return 200 <= answer.status_code < 300, f"answered {answer.status_code}"


def _write_down(delivery: WebhookDelivery, delivered: bool, outcome: str) -> None:
    pauses = settings.ENGINE_WEBHOOK_PAUSES
    tries = delivery.attempts + 1
    again = not delivered and tries <= len(pauses)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        attempts=tries,
        outcome=outcome[:500],
        delivered_at=now() if delivered else None,
        next_try_at=now() + timedelta(seconds=pauses[tries - 1]) if again else None,
    )
    if not delivered:
        log.warning("webhook to %s: %s%s", delivery.target.url, outcome, "; will try again" if again else "; given up")


class Messenger:
    """The thread that delivers, and wipes what deletions left."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._serve, name="webhooks")

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()

    def _serve(self) -> None:
        while not self.stopping.wait(PATIENCE):
            try:
                close_old_connections()
                traces.wipe()
                for delivery in self._due():
                    if self.stopping.is_set():
                        break
                    for _ in range(jobs.times_to_deliver()):
                        deliver(delivery)
            except Exception:
                log.exception("a webhook could not be written; trying again")
        connection.close()

    def _due(self) -> list[WebhookDelivery]:
        due = WebhookDelivery.objects.filter(next_try_at__lte=now()).order_by("next_try_at")
        return list(due.select_related("target", "extract")[:50])


def _put_down(extract: Extract, events: list[Event]) -> None:
    targets = WebhookTarget.objects.filter(account=extract.account_id, event__in=events)
    WebhookDelivery.objects.bulk_create(WebhookDelivery(target=target, extract=extract) for target in targets)


def _end_of(session: ExtractQuerySet) -> Event:
    failed = session.filter(status=Status.ERROR).exists()
    return Event.WORKFLOW_FAILED if failed else Event.WORKFLOW_COMPLETED


def _session(extract: Extract) -> ExtractQuerySet:
    return Extract.objects.filter(workflow=extract.workflow_id, workflow_session_id=extract.workflow_session_id)


def _workflow_data(extract: Extract) -> dict[str, Any]:
    """Nothing is known of its form at Anesya."""
    return {
        "id": str(extract.workflow_id),
        "workflow_session_id": extract.workflow_session_id,
        "extracts": [extract_data(one) for one in _session(extract)],
    }


def _image_data(image: ContentImage) -> dict[str, Any]:
    return {"id": str(image.pk), **ContentImageSerializer(image).data}


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
