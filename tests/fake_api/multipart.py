"""An upload form as the API reads it: complete, or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

MAGIC = {".pdf": b"%PDF", ".png": b"\x89PNG", ".jpg": b"\xff\xd8", ".jpeg": b"\xff\xd8"}
SERVERS = {"EU-1", "FR-1", "FR-2", "FR-3"}


class Part(NamedTuple):
    name: str
    file_name: str
    content: bytes


@dataclass
class Form:
    parts: list[Part] = field(default_factory=list)
    complete: bool = False

    @property
    def fields(self) -> dict[str, str]:
        return {part.name: part.content.decode("utf-8", "replace") for part in self.parts if not part.file_name}

    @property
    def files(self) -> list[Part]:
        return [part for part in self.parts if part.file_name]

    @property
    def file(self) -> Part | None:
        return self.files[0] if self.files else None

    @property
    def file_name(self) -> str:
        return self.file.file_name if self.file else ""

    @property
    def document(self) -> bytes:
        return self.file.content if self.file else b""

    @cached_property
    def metadata(self) -> Any:
        try:
            return json.loads(self.fields.get("metadata", "{}"))
        except ValueError:
            return None

    @property
    def portal_key(self) -> str:
        return str(self.metadata.get("portal_key", "")) if isinstance(self.metadata, dict) else ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.document).hexdigest()

    def errors(self) -> dict[str, list[str]]:
        """What the API complains about."""
        found = {}
        suffix = re.search(r"\.\w+$", self.file_name.lower())
        magic = MAGIC.get(suffix.group()) if suffix else None
        if not self.complete or self.file is None or self.file.name != "document":
            found["document"] = ["No file was submitted."]
        elif magic is None or not self.document.startswith(magic):
            found["document"] = ["This file is not a PDF, PNG or JPEG."]
        if self.fields.get("server") not in SERVERS:
            found["server"] = ["This field is required."]
        if not isinstance(self.metadata, dict):
            found["metadata"] = ["Value must be valid JSON."]
        return found


def parse_form(body: bytes, content_type: str, *, truncated: bool = False) -> Form:
    """The parts that are there, in their order; `complete` says whether the form has its end."""
    form = Form()
    if boundary := re.search(r'boundary="?([^";,]+)', content_type):
        delimiter = b"--" + boundary.group(1).encode()
        form.complete = not truncated and body.rstrip().endswith(delimiter + b"--")
        form.parts = _parts(body, delimiter)
    return form


def _parts(body: bytes, delimiter: bytes) -> list[Part]:
    parts = []
    start = body.find(delimiter)
    while start >= 0:
        start += len(delimiter)
        end = body.find(b"\r\n" + delimiter, start)
        head_end = body.find(b"\r\n\r\n", start)
        if end < 0 or head_end < 0 or head_end > end:
            break
        head = body[start:head_end].decode("utf-8", "replace")
        name = re.search(r'[; ]name="([^"]*)"', head)
        if name:
            parts.append(Part(name.group(1), _file_name(head), body[head_end + 4 : end]))
        start = end + 2
    return parts


def _file_name(head: str) -> str:
    extended = re.search(r"filename\*=(?:utf-8|UTF-8)''([^\r\n;]+)", head)
    found = extended or re.search(r'filename="([^"]*)"', head)
    return found.group(1) if found else ""
