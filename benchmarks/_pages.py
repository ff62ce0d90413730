"""Pages as they were read, kept from one run to the next where PAGES_KEEP names a folder.

For work on everything but reading: recognition takes a hundred times as long as what follows. Files are named for the
path of the document and stay until somebody deletes them, so a folder is good for one state of `reading` only.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

from engine.pipeline import Request
from engine.pipeline.ocr import read_pages
from reading.document import Page

KEEP = os.environ.get("PAGES_KEEP", "")


def pages_of(path: Path) -> list[Page]:
    """Raises CannotRead, but not for a document that could not be read before: then there are no pages."""
    kept = Path(KEEP) / f"{hashlib.sha1(str(path).encode(), usedforsecurity=False).hexdigest()}.pkl"
    if KEEP and kept.exists():
        pages: list[Page] = pickle.loads(kept.read_bytes())
        return pages
    pages = list(read_pages(Request(path)))
    if KEEP:
        kept.write_bytes(pickle.dumps(pages))
    return pages
