"""The last known head of the chain, kept outside the database, in DATA_DIR.

The chain alone cannot show that its newest entries were truncated, or that all of it was recomputed. Where one
administrator can change both places, keep what `manage.py verify_audit` prints elsewhere.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from portal.audit.chain import Head, head
from portal.audit.models import Entry

log = logging.getLogger(__name__)
NAME = "audit.head"


def path() -> Path:
    return Path(settings.DATA_DIR) / NAME


def read() -> Head | None:
    with suppress(FileNotFoundError):
        return Head.parse(path().read_text(encoding="ascii"))
    return None


def note() -> None:
    """Store the current head. If the stored one no longer matches its entry, it is kept, so that `verify_audit` can
    report it.
    """
    current, stored = head(), read()
    if stored is not None and not _still_matches(stored):
        log.error("The audit log no longer has its noted line %s. Run manage.py verify_audit.", stored)
    elif current.position > (stored.position if stored else 0):
        write(current)


def _still_matches(stored: Head) -> bool:
    return not stored.position or Entry.objects.filter(position=stored.position, hash=stored.hash).exists()


def write(current: Head) -> None:
    temporary = path().with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(f"{current}\n", encoding="ascii")
    temporary.replace(path())
