"""Looking for texts in a stream of bytes, and in the archives and documents that it may hold."""

from __future__ import annotations

import gzip
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from extractions.traces.needle import Needle
from extractions.traces.report import Place
from reading.all_text import all_text
from reading.sandbox import SandboxPool

BLOCK = 4 * 1024 * 1024
LARGEST = 4 * 1024 * 1024 * 1024
"""Bytes that are unpacked from one file: what claims to hold more is a bomb."""
DEEPEST = 4
PDF_SECONDS = 120.0
GZIP, ZIP, PDF = b"\x1f\x8b", b"PK\x03\x04", b"%PDF-"
TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257
UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, RuntimeError, NotImplementedError)


class Haystack:
    """Looks in one place for several texts. `words` names a position for people."""

    def __init__(self, needles: Sequence[Needle], place: Place, pool: SandboxPool) -> None:
        self.needles, self.place, self._pool = needles, place, pool
        self.bytes = self.files = 0
        self._overlap = max(needle.longest for needle in needles)

    def look(self, blocks: Iterator[bytes], where: str, words: Callable[[int], str] = "at byte {:,}".format) -> None:
        tail, read = b"", 0
        known: set[int] = set()
        for block in blocks:
            window, begin = tail + block, read - len(tail)
            read += len(block)
            found = {begin + at: form for needle in self.needles for at, form in needle.in_bytes(window)}
            for at in sorted(found.keys() - known):
                self.place.found(f"{where}, {words(at)}", found[at])
            # What lies in the part that two windows share is found in both.
            known = {at for at in found if at >= read - self._overlap}
            tail = window[-self._overlap :]
        self.bytes += read

    def look_in_text(self, text: str, where: str) -> None:
        if any(needle.is_in(text) for needle in self.needles):
            self.place.found(where, "text")

    def look_in_file(self, path: Path, where: str) -> None:
        """Its name, its bytes, and what is in it."""
        self.files += 1
        self.look_in_text(where, f"{where}, its name")
        try:
            with path.open("rb") as file:
                self.look(blocks_of(file), where)
                file.seek(0)
                self._look_inside(file, where, path=path)
        except FileNotFoundError:
            return
        except OSError as error:
            self.place.blind.append(f"{where} cannot be read: {error.strerror or error}.")

    def _look_inside(self, file: IO[bytes], where: str, *, depth: int = 0, path: Path | None = None) -> None:
        beginning = file.read(TAR_MAGIC_AT + len(TAR_MAGIC))
        file.seek(0)
        try:
            if beginning.startswith(GZIP):
                self._look_at_member(gzip.GzipFile(fileobj=file), f"{where}, unpacked", depth)
            elif beginning.startswith(ZIP):
                self._look_in_zip(file, where, depth)
            elif beginning[TAR_MAGIC_AT:] == TAR_MAGIC:
                self._look_in_tar(file, where, depth)
            elif PDF in beginning:
                self._look_in_pdf(file, where, path)
        except UNREADABLE as error:
            self.place.blind.append(f"What is in {where} cannot be unpacked: {error}.")

    def _look_in_zip(self, file: IO[bytes], where: str, depth: int) -> None:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                self.look_in_text(name, f"{where}: {name}, its name")
                with archive.open(name) as member:
                    self._look_at_member(member, f"{where}: {name}", depth)

    def _look_in_tar(self, file: IO[bytes], where: str, depth: int) -> None:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    self._look_at_member(content, f"{where}: {member.name}", depth)

    def _look_at_member(self, member: IO[bytes] | gzip.GzipFile, where: str, depth: int) -> None:
        """Unpacked to disk, where what is in it can be unpacked in turn."""
        with tempfile.TemporaryFile() as copy:
            size = 0
            while block := member.read(BLOCK):
                size += len(block)
                if size > LARGEST:
                    self.place.blind.append(f"{where} is larger than {LARGEST / 1e9:.0f} GB; the rest was not read.")
                    break
                copy.write(block)
            copy.seek(0)
            self.look(blocks_of(copy), where)
            copy.seek(0)
            if depth < DEEPEST:
                self._look_inside(copy, where, depth=depth + 1)

    def _look_in_pdf(self, file: IO[bytes], where: str, path: Path | None) -> None:
        if path is None:
            with tempfile.NamedTemporaryFile(suffix=".pdf") as copy:
                while block := file.read(BLOCK):
                    copy.write(block)
                copy.flush()
                self._look_in_pdf(file, where, Path(copy.name))
            return

        def look(item: tuple[str, str | bytes]) -> None:
            part, content = item
            if isinstance(content, bytes):
                self.look(iter([content]), f"{where}: {part}")
            else:
                self.look_in_text(content, f"{where}: {part}")

        try:
            self._pool.run(all_text, path, timeout=PDF_SECONDS, on_event=look)
        except Exception as error:  # whatever a crafted file makes the parser raise
            self.place.blind.append(f"The text of {where} cannot be read: {error}.")


def blocks_of(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block
