"""Pages as they were read, kept from one run to the next where PAGES_KEEP names a folder: that of `engine.training`."""

from __future__ import annotations

import os
from pathlib import Path

from engine.training import kept_pages
from reading.document import Page

KEEP = os.environ.get("PAGES_KEEP", "")


def pages_of(path: Path) -> list[Page]:
    """Raises CannotRead."""
    return kept_pages.pages_of(path, Path(KEEP) if KEEP else None)
