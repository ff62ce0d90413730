"""Keeps the data folder readable by its owner only: it holds documents, sessions, password hashes and secrets."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

logger = logging.getLogger(__name__)

UMASK = 0o077
FOLDER, FILE = 0o700, 0o600
GROUP_AND_OTHERS = 0o077


def private_folder(path: Path) -> Path:
    """Create the folder (not its parents) if missing, and set the umask so that new files are private, too."""
    os.umask(UMASK)
    path.mkdir(mode=FOLDER, exist_ok=True)
    return path


def restrict_access(folder: Path) -> int:
    """Remove the permissions of group and others, recursively; returns the number of changed entries.

    Symbolic links are not followed, since their targets may belong to somebody else. The folder itself comes first,
    so that nobody can enter while its contents are processed.
    """
    changed = int(_restrict_entry(folder))
    for root, folders, files in os.walk(folder, followlinks=False):
        changed += sum(_restrict_entry(Path(root, name)) for name in (*folders, *files))
    return changed


def restrict_access_at_start(folder: Path) -> None:
    changed = restrict_access(folder)
    if changed:
        logger.warning("Entries of %s that others could read, private now: %d", folder, changed)


def _restrict_entry(path: Path) -> bool:
    try:
        before = path.lstat().st_mode
        if not (stat.S_ISDIR(before) or stat.S_ISREG(before)) or not before & GROUP_AND_OTHERS:
            return False
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return False  # deleted in the meantime
    except OSError as error:
        logger.warning("%s is accessible to others, and its permissions could not be changed: %s", path, error)
        return False
    try:
        os.fchmod(descriptor, stat.S_IMODE(before) & ~GROUP_AND_OTHERS)
    except OSError as error:
        logger.warning("%s is accessible to others, and its permissions could not be changed: %s", path, error)
        return False
    finally:
        os.close(descriptor)
    return True
