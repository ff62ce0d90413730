"""The webhooks of the API, of which some are lost, doubled, early, late or forged."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
import uuid
from typing import Any

from tests.fake_api.journal import Journal
from tests.fake_api.plan import FaultPlan

Event = dict[str, Any]


class WebhookSender:
    """Sends to the plan's address."""

    def __init__(self, plan: FaultPlan, journal: Journal) -> None:
        self.plan, self.journal = plan, journal

    def announce(self, extract: Event, job_seconds: float) -> None:
        """Say in time that this extract is finished."""
        if not self.plan.webhook:
            return
        if self._send(event_of(extract), job_seconds) == "early":
            # Before the upload itself is answered.
            time.sleep(0.1)

    def relay(self, event: Event) -> None:
        """Pass on what a real service sent."""
        if self.plan.webhook:
            self._send(event, 0)

    def _send(self, event: Event, seconds: float) -> str:
        fault, _ = self.plan.next("webhook")
        if fault == "lost":
            self.journal.record("webhook", "lost", event["data"]["id"])
            return fault
        label = "doubled" if fault == "twice" else "in time"
        for _ in range(2 if fault == "twice" else 1):
            self._post_later(seconds + self.plan.between(self.plan.webhook_delay), label, event)
        if fault == "early":
            self._post_later(0, "early", event)
        if fault == "forged":
            self._post_later(self.plan.between((0, seconds)), "forged", forged(event))
        return fault

    def _post_later(self, seconds: float, label: str, event: Event) -> None:
        timer = threading.Timer(seconds, self._post, (label, event))
        timer.daemon = True
        timer.start()

    def _post(self, label: str, event: Event) -> None:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.plan.webhook, json.dumps(event).encode(), headers)
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError:
            label = f"{label}, not delivered"
        self.journal.record("webhook", label, event["data"]["id"])


def event_of(extract: Event) -> Event:
    timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {"id": extract["id"], "event": "extract.completed", "timestamp": timestamp, "data": extract}


def forged(event: Event) -> Event:
    """About a document that there is not."""
    identity = str(uuid.uuid4())
    data = event["data"] | {"id": identity, "status": "FINISHED", "extracted_data": {"total": 0}}
    return event | {"id": identity, "data": data}
