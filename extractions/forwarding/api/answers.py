"""Tolerant parsing of the API's responses: missing, unknown or mistyped fields never raise."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from extractions.result.json_text import parse_json, unpacked

KNOWN_FIELDS = {
    "id", "document_name", "document_url", "content_images", "server", "content", "extracted_data", "schema",
    "classifier", "classifier_result", "workflow", "workflow_session_id", "status", "extraction_step",
    "extraction_time", "credit_used", "metadata", "created_at",
}  # fmt: skip
KNOWN_IMAGE_FIELDS = {"id", "name", "url"}
VALID_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")
MAX_ERROR_TEXT = 1000
MAX_INTEGER = 2**31 - 1
MAX_BIG_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ImageReference:
    """One of `content_images`."""

    url: str
    name: str | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An extract object with the API's field names; `raw` is the full response."""

    id: str
    status: str
    extraction_step: str
    document_name: str | None
    document_url: str
    content_images: tuple[ImageReference, ...]
    content: str | None
    extracted_data: Any
    classifier_result: str | None
    workflow: str | None
    workflow_session_id: int | None
    extraction_time: float | None
    credit_used: int | None
    metadata: dict[str, Any]
    created_at: datetime | None
    raw: dict[str, Any]
    unknown_fields: tuple[str, ...]

    @property
    def portal_key(self) -> str:
        return str(self.metadata.get("portal_key", ""))

    @property
    def locations(self) -> Any:
        return self.raw.get("x_locations")


@dataclass(frozen=True, slots=True)
class SchemaAnswer:
    """An extraction schema of the service."""

    id: str
    name: str
    description: str
    additional_informations: str
    schema: Any
    created_at: datetime | None
    updated_at: datetime | None


def read_json(body: bytes) -> Any:
    """The body as JSON that the database accepts; None if it is not JSON."""
    try:
        return parse_json(body)
    except (ValueError, RecursionError):
        return None


def read_answer(value: Any) -> Answer | None:
    """The extract object, or None without a valid id."""
    remote_id = _id(value)
    if not remote_id:
        return None
    session = _integer(value.get("workflow_session_id"), MAX_BIG_INTEGER)
    return Answer(
        id=remote_id,
        status=_text(value.get("status"), 100) or "",
        extraction_step=_text(value.get("extraction_step"), 100) or "",
        document_name=_text(value.get("document_name"), 500),
        document_url=_text(value.get("document_url"), 10_000) or "",
        content_images=_image_references(value.get("content_images")),
        content=_text(value.get("content")),
        extracted_data=unpacked(value.get("extracted_data")),
        classifier_result=_text(value.get("classifier_result"), 500),
        workflow=_id(value.get("workflow")) or _text(value.get("workflow"), 100),
        workflow_session_id=session,
        extraction_time=_number(value.get("extraction_time")),
        credit_used=_integer(value.get("credit_used"), MAX_INTEGER),
        metadata=_object(value.get("metadata")),
        created_at=_time(value.get("created_at")),
        raw=value,
        unknown_fields=_unknown(value),
    )


def read_schema(value: Any) -> SchemaAnswer | None:
    remote_id = _id(value)
    if not remote_id:
        return None
    return SchemaAnswer(
        id=remote_id,
        name=_text(value.get("name"), 500) or remote_id,
        description=_text(value.get("description")) or "",
        additional_informations=_text(value.get("additional_informations")) or "",
        schema=unpacked(value.get("schema")),
        created_at=_time(value.get("created_at")),
        updated_at=_time(value.get("updated_at")),
    )


def error_text(body: bytes) -> str:
    """The messages in an error body of any shape, one per line, at most `MAX_ERROR_TEXT` characters."""
    value = read_json(body)
    if value is None:
        return _title(body)
    return "\n".join(_sentences(value))[:MAX_ERROR_TEXT]


def _sentences(value: Any, name: str = "") -> list[str]:
    match value:
        case str():
            return [f"{name}: {value}" if name else value]
        case list():
            return [sentence for item in value for sentence in _sentences(item, name)]
        case dict() if isinstance(value.get("detail"), str):
            return [str(value["detail"])]
        case dict():
            unnamed = {"non_field_errors", "detail", "error", "message"}
            inner = {key: "" if key in unnamed else f"{name}.{key}" if name else str(key) for key in value}
            return [sentence for key, item in value.items() for sentence in _sentences(item, inner[key])]
    return [] if value is None else [str(value)]


def _title(body: bytes) -> str:
    """The title of an HTML page, or plain text, shortened."""
    text = body[:20_000].decode(errors="replace").replace("\0", "")
    if found := re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL):
        text = found.group(1)
    elif "<" in text:
        return ""
    return " ".join(text.split())[:MAX_ERROR_TEXT]


def _id(value: Any) -> str:
    """The `id` of an object, or a bare id; empty if it is not valid."""
    found = value.get("id") if isinstance(value, dict) else value
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    return found if isinstance(found, str) and VALID_ID.fullmatch(found) else ""


def _text(value: Any, longest: int | None = None) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return str(value)[:longest]


def _integer(value: Any, biggest: int) -> int | None:
    number = _number(value)
    return int(number) if number is not None and abs(number) <= biggest else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _time(value: Any) -> datetime | None:
    try:
        time = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def _object(value: Any) -> dict[str, Any]:
    value = unpacked(value)
    return value if isinstance(value, dict) else {}


def _image_references(value: Any) -> tuple[ImageReference, ...]:
    pictures = []
    for item in value if isinstance(value, list) else []:
        url = item.get("url") if isinstance(item, dict) else item
        if isinstance(url, str) and url:
            name = _text(item.get("name"), 500) if isinstance(item, dict) else None
            pictures.append(ImageReference(url, name, _id(item) if isinstance(item, dict) else ""))
    return tuple(pictures)


def _unknown(value: dict[str, Any]) -> tuple[str, ...]:
    # The x_ prefix marks the embedded engine's own extensions.
    unknown = [name for name in value if name not in KNOWN_FIELDS and not name.startswith("x_")]
    images = value.get("content_images")
    for item in images if isinstance(images, list) else []:
        if isinstance(item, dict):
            unknown += [f"content_images[].{name}" for name in item if name not in KNOWN_IMAGE_FIELDS]
    return tuple(dict.fromkeys(unknown))
