"""Downloads the images that the service cut out. Browsers cannot: the request needs the API key."""

from __future__ import annotations

import logging
import os
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F

from extractions import clock
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.steps import connection_state
from extractions.forwarding.time_scale import hours, span
from extractions.forwarding.worker_name import worker_name
from extractions.models import KEPT, ContentImage, Extraction
from extractions.models.error_codes import ErrorCode
from extractions.storage import file_store
from extractions.storage.file_store import StoreUnavailable
from portal.database_retry import retry_on_database_error

State = Extraction.State

LEASE = 600.0
MAX_BYTES = 20 * 1024 * 1024
GIVE_UP_HOURS = 2.0  # hours
FIRST_WAIT, MAX_WAIT = 5.0, 900.0
FOLDER = "pictures"
# By content: a type claimed by the service would be passed on to browsers.
TYPES = (
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"GIF8", "image/gif", ".gif"),
)

log = logging.getLogger(__name__)


def fetch_content_images(extraction: Extraction) -> None:
    """Download the missing images; transient failures are retried for `GIVE_UP_HOURS`."""
    client = connection_state.client_for(extraction.connection)
    rows = Extraction.objects.filter(KEPT, pk=extraction.pk, lease=extraction.lease)
    until = clock.now() + span(LEASE)
    if not rows.update(lease=F("lease") + 1, lease_until=until, held_by=worker_name()):
        return
    lease, failure = extraction.lease + 1, ""
    for image in extraction.content_images.filter(file="", error_code=""):
        try:
            _fetch(client, extraction, image)
        except ApiUnavailable as error:
            failure = error.detail or error.code
        except StoreUnavailable:
            retry_on_database_error(_wait_for_store, extraction, lease)
            return
    retry_on_database_error(_schedule, extraction, lease, failure)


def _fetch(client: Client | None, extraction: Extraction, image: ContentImage) -> None:
    try:
        content = _download(client, image.url)
    except ApiRejected as error:
        ContentImage.objects.filter(pk=image.pk).update(error_code=error.code)
        return
    for start, mime, ending in TYPES:
        if content.startswith(start):
            name = _store(content, ending)
            if not ContentImage.objects.filter(pk=image.pk).update(file=name, mime=mime):
                (Path(settings.MEDIA_ROOT) / name).unlink(missing_ok=True)  # deleted meanwhile
            return
    ContentImage.objects.filter(pk=image.pk).update(error_code="type")


def _download(client: Client | None, url: str) -> bytes:
    if client is None:
        raise ApiRejected(ErrorCode.FOREIGN)
    return client.fetch(url, limit=MAX_BYTES)


def _store(content: bytes, ending: str) -> str:
    name = uuid.uuid4().hex
    relative = f"{FOLDER}/{name[:2]}/{name}{ending}"
    with file_store.required():
        path = file_store.make_folder(f"{FOLDER}/{name[:2]}") / f"{name}{ending}"
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return relative


def _wait_for_store(extraction: Extraction, lease: int) -> None:
    rows = Extraction.objects.filter(pk=extraction.pk, lease=lease)
    rows.update(next_try_at=clock.now() + span(FIRST_WAIT), lease_until=None)


def _schedule(extraction: Extraction, lease: int, failure: str) -> None:
    now = clock.now()
    age = max(now - (extraction.finished_at or now), timedelta(0))
    again = None
    if failure and age < hours(GIVE_UP_HOURS):
        again = now + min(max(span(FIRST_WAIT), age / 2), span(MAX_WAIT))
    elif failure:
        log.warning("Images of %s cannot be fetched: %s", extraction.key, failure)
        extraction.content_images.filter(file="", error_code="").update(error_code=ErrorCode.UNAVAILABLE)
    rows = Extraction.objects.filter(KEPT, pk=extraction.pk, lease=lease)
    if not rows.update(next_try_at=again, lease_until=None):
        # Deletion was requested meanwhile and has set next_try_at; only release the lease.
        Extraction.objects.filter(pk=extraction.pk, lease=lease).update(lease_until=None)
