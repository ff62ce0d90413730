"""What a backup says of itself."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from extractions.backups.place import MANIFEST, MANIFEST_HASH, Source, Unusable
from extractions.backups.tables import Content

FORMAT = 1
FILES, KEYS = "files.jsonl.gz", "keys.sealed"


@dataclass(frozen=True, slots=True)
class TableFacts:
    """Of the table that belongs to a model, such as `extractions.Extraction`."""

    model: str
    file: str
    sha256: str
    columns: list[str]
    content: Content
    highest: int
    """The highest number that was ever given to a row."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`name` begins with the folder that it belongs to: `files/` or `engine/`."""

    name: str
    sha256: str
    size: int
    modified_ns: int


@dataclass(slots=True)
class Manifest:
    taken_at: str
    database: str
    """Vendor of the database; it may be restored to another."""
    migrations: dict[str, list[str]]
    tables: dict[str, TableFacts] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    """How many there are, by state."""
    files: int = 0
    bytes: int = 0
    files_sha256: str = ""
    keys_sha256: str = ""
    """Empty where the keys were left out."""
    missing: list[str] = field(default_factory=list)
    """Files that a row names and that were not there."""
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), indent=1, sort_keys=True).encode()
        (folder / MANIFEST).write_bytes(text)
        (folder / MANIFEST_HASH).write_text(f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n")

    @classmethod
    def read(cls, source: Source) -> Manifest:
        """Raises `Unusable` for one that is damaged or from a later version."""
        try:
            with source.open(MANIFEST) as file, source.open(MANIFEST_HASH) as hash_file:
                text, noted = file.read(), hash_file.read().split()[0].decode()
        except (OSError, IndexError) as error:
            raise Unusable(f"The backup {source.name} lacks its manifest: {error}.") from error
        if hashlib.sha256(text).hexdigest() != noted:
            raise Unusable(f"The manifest of the backup {source.name} is damaged.")
        content: dict[str, Any] = json.loads(text)
        if content["format"] != FORMAT:
            raise Unusable(f"The backup {source.name} has format {content['format']}; this version reads {FORMAT}.")
        tables = {
            table: TableFacts(**facts | {"content": Content(**facts["content"])})
            for table, facts in content.pop("tables").items()
        }
        return cls(tables=tables, **content)


def write_files(files: list[StoredFile], folder: Path) -> None:
    with gzip.open(folder / FILES, "wt", encoding="utf-8", newline="\n") as lines:
        for file in files:
            lines.write(json.dumps([file.name, file.sha256, file.size, file.modified_ns], ensure_ascii=False) + "\n")


def read_files(file: IO[bytes]) -> Iterator[StoredFile]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield StoredFile(*json.loads(line))
