"""A form as the API reads it: whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any, BinaryIO

KINDS = {".pdf": b"%PDF", ".png": b"\x89PNG", ".jpg": b"\xff\xd8", ".jpeg": b"\xff\xd8"}
SERVERS = {"EU-1", "FR-1", "FR-2", "FR-3"}


@dataclass
class Form:
    fields: dict[str, str] = field(default_factory=dict)
    file_name: str = ""
    document: bytes | None = None
    cut: bool = False
    """Whether the other side went away before it had sent what it announced."""
    whole: bool = False

    @property
    def metadata(self) -> Any:
        try:
            return json.loads(self.fields.get("metadata", "{}"))
        except ValueError:
            return None

    @property
    def portal_key(self) -> str:
        metadata = self.metadata
        return str(metadata.get("portal_key", "")) if isinstance(metadata, dict) else ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.document or b"").hexdigest()

    def errors(self) -> dict[str, list[str]]:
        """What the API would complain about."""
        found = {}
        ending = re.search(r"\.\w+$", self.file_name.lower())
        magic = KINDS.get(ending.group()) if ending else None
        if not self.whole or self.document is None:
            found["document"] = ["No file was submitted."]
        elif magic is None or not self.document.startswith(magic):
            found["document"] = ["This file is not a PDF, PNG or JPEG."]
        if self.fields.get("server") not in SERVERS:
            found["server"] = ["This field is required."]
        if not isinstance(self.metadata, dict):
            found["metadata"] = ["Value must be valid JSON."]
        return found


def read_form(stream: BinaryIO, content_type: str, length: int) -> Form:
    """Read until the end or until the other side goes away. What came is in the form; `whole` tells whether all did."""
    body = bytearray()
    try:
        while len(body) < length and (chunk := stream.read(min(1 << 16, length - len(body)))):
            body += chunk
    except OSError:
        pass
    boundary = re.search(r'boundary="?([^";,]+)', content_type)
    form = Form(cut=len(body) < length)
    if boundary:
        mark = b"--" + boundary.group(1).encode()
        form.whole = not form.cut and body.rstrip().endswith(mark + b"--")
        _read_parts(form, body, mark)
    return form


def _read_parts(form: Form, body: bytearray, mark: bytes) -> None:
    start = body.find(mark)
    while start >= 0:
        start += len(mark)
        end = body.find(b"\r\n" + mark, start)
        head_end = body.find(b"\r\n\r\n", start)
        if end < 0 or head_end < 0 or head_end > end:
            return
        head = body[start:head_end].decode("utf-8", "replace")
        name = re.search(r'[; ]name="([^"]*)"', head)
        file_name = re.search(r"filename\*=(?:utf-8|UTF-8)''([^\r\n;]+)", head) or re.search(
            r'filename="([^"]*)"', head
        )
        if file_name:
            form.file_name, form.document = file_name.group(1), bytes(body[head_end + 4 : end])
        elif name:
            form.fields[name.group(1)] = body[head_end + 4 : end].decode("utf-8", "replace")
        start = end + 2
