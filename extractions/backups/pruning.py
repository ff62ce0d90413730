"""Delete old backups of a folder, and the files that no other backup there has."""

from __future__ import annotations

import fcntl
import logging
import shutil
from pathlib import Path

from extractions.backups.manifest import Manifest, StoredFile
from extractions.backups.place import OBJECTS, FolderSource, Unusable, names
from extractions.backups.verifying import files_of

log = logging.getLogger(__name__)


def prune(root: Path, keep: int) -> list[str]:
    """Returns the names of what was deleted. Nothing is deleted while another backup runs, or one cannot be read."""
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return []
        there = names(root)
        old, kept = there[:-keep], there[-keep:]
        try:
            needed = {file.sha256 for name in kept for file in _files(root, name)}
        except (Unusable, OSError) as error:
            log.warning("No old backup is deleted, for one that is kept cannot be read: %s", error)
            return []
        for name in old:
            # Renamed first: half a backup would look like a whole one.
            doomed = root / f".{name}.deleted"
            (root / name).rename(doomed)
            shutil.rmtree(doomed)
        for path in (root / OBJECTS).glob("??/*"):
            if path.name not in needed:
                path.unlink()
        return old


def _files(root: Path, name: str) -> list[StoredFile]:
    source = FolderSource(root, name)
    Manifest.read(source)
    return list(files_of(source))
