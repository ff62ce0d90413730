"""A streamed ZIP of originals, pictures and data. The manifest lists what is missing."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.utils.translation import gettext as _

from extractions.exports.layout import Layout
from extractions.exports.reading import CHUNK
from extractions.exports.text import BOM, Progress, csv_of, json_lines_of, safe
from extractions.models import ContentImage, Extraction

BLOCK = 256 * 1024
HEAD = ("path", "document", "key", "kind", "status", "bytes", "sha256", "reason")
UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


class Pipe(io.RawIOBase):
    """An in-memory sink for `zipfile`, drained as the archive is streamed."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self.parts)
        self.parts.clear()
        return data


@dataclass(slots=True)
class Entry:
    """A file of the archive; `stored` is its path in MEDIA_ROOT."""

    path: str
    document: str
    key: str
    kind: str
    stored: str
    sha256: str = ""
    reason: str = ""


class Archive:
    """`failed` counts files that are missing, truncated or changed; final once the stream is consumed."""

    def __init__(
        self,
        numbers: Sequence[int],
        layout: Layout,
        progress: Progress,
        *,
        separator: str = ",",
        only_pictures: bool = False,
    ) -> None:
        self.numbers, self.layout, self.progress, self.separator = numbers, layout, progress, separator
        self.only_pictures = only_pictures
        self.failed = 0
        self._names: Counter[str] = Counter()

    def stream(self) -> Iterator[bytes]:
        pipe = Pipe()
        with (
            tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as manifest,
            zipfile.ZipFile(cast("IO[bytes]", pipe), "w", allowZip64=True) as archive,
        ):
            manifest_writer = csv.writer(manifest)
            manifest_writer.writerow(HEAD)
            for entry in self._entries():
                yield from self._put(archive, pipe, entry, manifest_writer)
            for name, source in () if self.only_pictures else self._tables():
                with archive.open(_info(name, zipfile.ZIP_DEFLATED), "w", force_zip64=True) as file:
                    for block in source:
                        file.write(block)
                        yield pipe.take()
            manifest.seek(0)
            with archive.open(_info("manifest.csv", zipfile.ZIP_DEFLATED), "w", force_zip64=True) as file:
                file.write(BOM.encode())
                while text := manifest.read(BLOCK):
                    file.write(text.encode())
                    yield pipe.take()
        yield pipe.take()

    def _tables(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "documents.csv", csv_of(self.numbers, self.layout, _ignore_progress, separator=self.separator)
        yield "documents.jsonl", json_lines_of(self.numbers, _ignore_progress)

    def _entries(self) -> Iterator[Entry]:
        for begin in range(0, len(self.numbers), CHUNK // 5):
            chunk = list(self.numbers[begin : begin + CHUNK // 5])
            rows = Extraction.objects.filter(pk__in=chunk, delete_requested_at__isnull=True)
            found = {row.pk: row for row in rows.only("key", "name", "document", "sha256", "original_erased_at")}
            pictures: dict[int, list[ContentImage]] = {}
            for picture in ContentImage.objects.filter(extraction__in=chunk):
                pictures.setdefault(picture.extraction_id, []).append(picture)
            for row in (found[pk] for pk in chunk if pk in found):
                yield from self._of(row, pictures.get(row.pk, []))
            self.progress(len(chunk))

    def _of(self, row: Extraction, pictures: Sequence[ContentImage]) -> Iterator[Entry]:
        name = self._unique(UNSAFE.sub("_", row.name).strip(" .") or "document")
        stored = str(row.document.name or "")
        if not self.only_pictures:
            erased = _("erased, since its retention period was over") if row.original_erased_at else ""
            yield Entry(f"originals/{name}", row.name, str(row.key), "original", stored, row.sha256, erased)
        for picture in pictures:
            own = Path((picture.name or "").replace("\\", "/")).name or f"picture-{picture.position + 1}"
            path = f"pictures/{name}/{picture.position + 1:03d}-{UNSAFE.sub('_', own)}"
            yield Entry(
                path, row.name, str(row.key), "picture", str(picture.file.name or ""), reason=picture.error_code
            )

    def _unique(self, name: str) -> str:
        self._names[name.casefold()] += 1
        number = self._names[name.casefold()]
        if number == 1:
            return name
        stem, dot, ending = name.rpartition(".")
        return self._unique(f"{stem} ({number}).{ending}" if dot else f"{name} ({number})")

    def _put(self, archive: zipfile.ZipFile, pipe: Pipe, entry: Entry, manifest_writer: Any) -> Iterator[bytes]:
        """Stream one file. A read error midway leaves a truncated entry, which the manifest marks as `cut`."""
        facts = [safe(item) for item in (entry.path, entry.document, entry.key, entry.kind)]
        digest, size = hashlib.sha256(), 0
        try:
            if not entry.stored:
                raise FileNotFoundError(entry.reason or _("There is no copy here."))
            with (
                (Path(settings.MEDIA_ROOT) / entry.stored).open("rb") as source,
                archive.open(_info(entry.path), "w", force_zip64=True) as target,
            ):
                while block := source.read(BLOCK):
                    digest.update(block)
                    size += len(block)
                    target.write(block)
                    yield pipe.take()
        except OSError as error:
            self.failed += 1
            missing = isinstance(error, FileNotFoundError)
            reason = entry.reason if missing else _("The disk could not be read.")
            manifest_writer.writerow(
                [*facts, "missing" if not size else "cut", size, "", reason or _("There is no copy here.")]
            )
            return
        changed = bool(entry.sha256) and digest.hexdigest() != entry.sha256
        self.failed += changed
        reason = _("It is not the file that was received.") if changed else ""
        manifest_writer.writerow([*facts, "changed" if changed else "ok", size, digest.hexdigest(), reason])
        yield pipe.take()


def _info(name: str, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = compression
    info.external_attr = 0o644 << 16
    return info


def _ignore_progress(count: int) -> None:
    """Progress was reported when the documents' files were added."""
