"""Fetching the pictures that the service cut out. A browser cannot: the key would have to go with it."""

from __future__ import annotations

import logging
import os
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from extractions.forwarding import connections
from extractions.forwarding.client import Client
from extractions.forwarding.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.heartbeat import worker_name
from extractions.forwarding.surely import surely
from extractions.forwarding.times import hours, span
from extractions.models import ContentImage, Extraction

State = Extraction.State

LEASE = 600.0
LARGEST = 20 * 1024 * 1024
GIVE_UP = 2.0  # hours
FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0
FOLDER = "pictures"
# By content: what the service calls it is not asked, for a browser would believe it.
TYPES = (
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"GIF8", "image/gif", ".gif"),
)

log = logging.getLogger(__name__)


def fetch_pictures(extraction: Extraction) -> None:
    """Fetch those that are missing; what fails for a reason that passes is fetched again later."""
    client = connections.client_for(extraction.connection)
    rows = Extraction.objects.filter(pk=extraction.pk, lease=extraction.lease, delete_requested_at__isnull=True)
    until = timezone.now() + span(LEASE)
    if not rows.update(lease=F("lease") + 1, lease_until=until, held_by=worker_name()):
        return
    lease, failure = extraction.lease + 1, ""
    for image in extraction.content_images.filter(file="", trouble=""):
        try:
            _fetch(client, extraction, image)
        except ApiUnavailable as error:
            failure = error.detail or error.code
    surely(_plan, extraction, lease, failure)


def _fetch(client: Client | None, extraction: Extraction, image: ContentImage) -> None:
    try:
        content = _picture(client, image.url)
    except ApiRejected as error:
        ContentImage.objects.filter(pk=image.pk).update(trouble=error.code)
        return
    for start, mime, ending in TYPES:
        if content.startswith(start):
            name = _store(content, ending)
            if not ContentImage.objects.filter(pk=image.pk).update(file=name, mime=mime):
                (Path(settings.MEDIA_ROOT) / name).unlink(missing_ok=True)  # deleted meanwhile
            return
    ContentImage.objects.filter(pk=image.pk).update(trouble="type")


def _picture(client: Client | None, url: str) -> bytes:
    if client is None:
        raise ApiRejected("foreign")
    return client.fetch(url, limit=LARGEST)


def _store(content: bytes, ending: str) -> str:
    name = uuid.uuid4().hex
    relative = f"{FOLDER}/{name[:2]}/{name}{ending}"
    path = Path(settings.MEDIA_ROOT) / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return relative


def _plan(extraction: Extraction, lease: int, failure: str) -> None:
    now = timezone.now()
    age = max(now - (extraction.finished_at or now), timedelta(0))
    again = None
    if failure and age < hours(GIVE_UP):
        again = now + min(max(span(FIRST_WAIT), age / 2), span(LONGEST_WAIT))
    elif failure:
        log.warning("Pictures of %s cannot be fetched: %s", extraction.key, failure)
        extraction.content_images.filter(file="", trouble="").update(trouble="unavailable")
    rows = Extraction.objects.filter(pk=extraction.pk, lease=lease, delete_requested_at__isnull=True)
    if not rows.update(next_try_at=again, lease_until=None):
        # Deletion was asked meanwhile: its clock is set already, only the hold is ours to end.
        Extraction.objects.filter(pk=extraction.pk, lease=lease).update(lease_until=None)
