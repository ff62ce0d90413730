"""What the rows of the editor show of a field, and what they carry along from one submission to the next."""

from __future__ import annotations

import hashlib
import json

from extractions.schemas.fields import Field


def row_state(of: Field) -> str:
    """What a row carries along without showing it."""
    return json.dumps({"node": of.node, "was": of.was, "dangling": list(of.dangling)}, ensure_ascii=False)


def digest(text: str) -> str:
    """Identifies the JSON as it was shown, so that an edited one is recognised."""
    return hashlib.sha256(plain(text).encode(errors="surrogatepass")).hexdigest()[:16]


def shown_value(value: object) -> str:
    """A value of an enumeration as it is typed."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def plain(text: str) -> str:
    """As the database takes it, with the line ends of JSON: forms send CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
