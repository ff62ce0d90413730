"""Whether a backup is whole: everything that its manifest names is there, and is what it was."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

from extractions.backups import tables
from extractions.backups.manifest import FILES, KEYS, Manifest, StoredFile, read_files
from extractions.backups.place import Source, copy_hashing

DAMAGED = (OSError, EOFError, ValueError, zlib.error, gzip.BadGzipFile)


def faults(source: Source, manifest: Manifest) -> Iterator[str]:
    """A sentence for each thing that is missing or differs."""
    for table, facts in sorted(manifest.tables.items()):
        if not _is_same(source, facts.file, facts.sha256):
            yield f"The rows of {table} are missing or damaged."
            continue
        with source.open(facts.file) as file:
            content = tables.content_in(file)
        if content != facts.content:
            yield f"{table} has {content.rows} rows; the manifest says {facts.content.rows}, or others."
    if manifest.keys_sha256 and not _is_same(source, KEYS, manifest.keys_sha256):
        yield "The keys are missing or damaged."
    yield from _file_faults(source, manifest)


def files_of(source: Source) -> Iterator[StoredFile]:
    with source.open(FILES) as file:
        yield from read_files(file)


def _file_faults(source: Source, manifest: Manifest) -> Iterator[str]:
    if not _is_same(source, FILES, manifest.files_sha256):
        yield "The list of files is missing or damaged."
        return
    number = 0
    verified: set[str] = set()
    for stored in files_of(source):
        number += 1
        if stored.sha256 in verified:
            continue
        try:
            with source.open_object(stored.sha256) as file:
                same = copy_hashing(file) == stored.sha256
        except OSError:
            same = False
        if same:
            verified.add(stored.sha256)
        else:
            yield f"The file {stored.name} is missing or damaged."
    if number != manifest.files:
        yield f"The list has {number} files; the manifest says {manifest.files}."


def _is_same(source: Source, name: str, sha256: str) -> bool:
    try:
        with source.open(name) as file:
            return copy_hashing(file) == sha256
    except DAMAGED:
        return False
