"""What was read of files, kept in a folder: recognition takes a hundred times as long as all that follows.

An entry is named for the bytes of the file, and lies in a folder named for how it was read: the mode, and the state of
the code that reads. So what is kept is never that of another file, nor of a faster mode, nor of an older reader.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from functools import cache
from pathlib import Path

import reading
from engine.pipeline import Request
from engine.pipeline.ocr import read_pages
from reading import CannotRead
from reading.document import Page
from reading.reader import Mode

_STATE = 12
"""Digits of the digest that names a state of the reader."""
_NOT_READING = ("vocabulary", "literals")
"""Parts of `reading` that say what words mean, not which words are there."""


def pages_of(path: Path, folder: Path | None, mode: Mode = "accurate") -> list[Page]:
    """The pages of a file; raises CannotRead, kept or not."""
    if folder is None:
        return list(read_pages(Request(path, mode=mode)))
    entry = folder / f"{mode}-{state_of_reader()}" / f"{hashlib.sha256(path.read_bytes()).hexdigest()}.pkl"
    if not entry.is_file():
        _keep(entry, _read(path, mode))
    found: list[Page] | CannotRead = pickle.loads(entry.read_bytes())  # noqa: S301 - written by `_keep`
    if isinstance(found, CannotRead):
        raise found
    return found


def _read(path: Path, mode: Mode) -> list[Page] | CannotRead:
    try:
        return list(read_pages(Request(path, mode=mode)))
    except CannotRead as error:
        return error


def _keep(entry: Path, found: list[Page] | CannotRead) -> None:
    """Whole or not at all, for two programs may fill the same folder."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    part = entry.with_suffix(f".{os.getpid()}")
    part.write_bytes(pickle.dumps(found))
    part.replace(entry)


@cache
def state_of_reader() -> str:
    """A digest of the code that reads."""
    root = Path(reading.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).parts[0] not in _NOT_READING:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:_STATE]
