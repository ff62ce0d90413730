"""Whether the folder of data is where it should be, private, durable, and the same for every process."""

from __future__ import annotations

import contextlib
import os
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from extractions.monitoring.doctor.finding import Finding, unwise, well, wrong
from extractions.monitoring.health import MIN_FREE_BYTES, free_bytes
from portal.paths import BASE_DIR

COMFORTABLE_FREE_BYTES = 10 * MIN_FREE_BYTES
GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO
SUBJECT = "data folder"
SLOW_SYNC_SECONDS = 0.5


def examine() -> Iterator[Finding]:
    folder = Path(settings.DATA_DIR)
    yield _private(folder)
    yield _writable(folder)
    yield _space(folder)
    yield _one_file_system()
    if environment_file := _exposed_environment():
        yield environment_file


def _private(folder: Path) -> Finding:
    exposed = [path for path in (folder, folder / "secret.key", settings.MEDIA_ROOT) if _is_open_to_others(Path(path))]
    if exposed:
        names = ", ".join(str(path) for path in exposed)
        return wrong(SUBJECT, f"Others on this machine may read {names}.", "chmod -R go= on it, as its owner.")
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        sentence = f"{folder} belongs to user {owner}, and this is user {os.geteuid()}."
        return unwise(SUBJECT, sentence, "Run the doctor as the user that runs the portal.")
    return well(SUBJECT, f"{folder} is private.")


def _is_open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & GROUP_AND_OTHERS)
    except OSError:  # not there, or not to be looked at, which the next examination says
        return False


def _writable(folder: Path) -> Finding:
    """By writing and syncing a file as an upload does."""
    probe = folder / f"doctor-{uuid.uuid4().hex}"
    begun = time.monotonic()
    try:
        with probe.open("wb") as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
        seconds = time.monotonic() - begun
    except OSError as error:
        return wrong(SUBJECT, f"Nothing can be written in {folder}: {error.strerror}.")
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()
    if seconds > SLOW_SYNC_SECONDS:
        sentence = f"Syncing one file took {seconds:.1f} s, and each upload waits for several."
        return unwise(SUBJECT, sentence, "A faster disk, if this is not a moment of high load.")
    return well(SUBJECT, f"It can be written, and is synced in {seconds * 1000:.0f} ms.")


def _space(folder: Path) -> Finding:
    free = free_bytes()
    words = f"{free // 2**20} MB are free in {folder}"
    if free < MIN_FREE_BYTES:
        return wrong("disk", f"{words}: uploads may be refused.", "Make room.")
    if free < COMFORTABLE_FREE_BYTES:
        return unwise("disk", f"{words}, which is little.", "Make room before it is full.")
    return well("disk", f"{words}.")


def _one_file_system() -> Finding:
    """Uploads are received in one folder and renamed into another; a rename does not cross file systems."""
    folders = [Path(settings.FILE_UPLOAD_TEMP_DIR), Path(settings.MEDIA_ROOT)]
    if len({folder.stat().st_dev for folder in folders if folder.exists()}) > 1:
        sentence = f"{folders[0]} and {folders[1]} are on different file systems: uploads cannot be kept."
        return wrong(SUBJECT, sentence, "Mount both from the same disk.")
    return well(SUBJECT, "Uploads and documents share a file system.")


def _exposed_environment() -> Finding | None:
    path = BASE_DIR / ".env"
    if not path.exists() or not path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        return None
    return wrong("secrets", f"{path} can be read by everybody on this machine.", f"chmod 600 {path}")
