"""Changes to an extract in an answer, as the documentation leaves them possible."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

ELSEWHERE = "https://files.invalid"


def unknown_status(extract: dict[str, Any], request: HttpRequest) -> None:
    extract["status"] = "PAUSED"
    extract["extraction_step"] = "TRANSLATION"


def extra_fields(extract: dict[str, Any], request: HttpRequest) -> None:
    extract["confidence"] = 0.97
    extract["owner"] = {"name": "Somebody", "teams": ["a", "b"]}


def missing_fields(extract: dict[str, Any], request: HttpRequest) -> None:
    """Without everything that is not marked as required."""
    for name in ("schema", "classifier", "classifier_result", "workflow", "workflow_session_id"):
        extract.pop(name, None)
    for name in ("extraction_step", "extraction_time", "credit_used"):
        extract.pop(name, None)


def null_names(extract: dict[str, Any], request: HttpRequest) -> None:
    extract["document_name"] = None
    for image in extract.get("content_images", []):
        image["name"] = None


def absolute_urls(extract: dict[str, Any], request: HttpRequest) -> None:
    _prefix_urls(extract, f"{request.scheme}://{request.get_host()}")


def foreign_urls(extract: dict[str, Any], request: HttpRequest) -> None:
    """To a host that must not be sent the key."""
    _prefix_urls(extract, ELSEWHERE)


def schema_object(extract: dict[str, Any], request: HttpRequest) -> None:
    if isinstance(extract.get("schema"), str):
        extract["schema"] = {"id": extract["schema"], "name": "Schema", "description": ""}


def data_as_text(extract: dict[str, Any], request: HttpRequest) -> None:
    if extract.get("extracted_data") is not None:
        extract["extracted_data"] = json.dumps(extract["extracted_data"])


def other_timestamps(extract: dict[str, Any], request: HttpRequest) -> None:
    """Whole seconds and an offset instead of a Z."""
    extract["created_at"] = extract["created_at"][:19] + "+00:00"


def _prefix_urls(extract: dict[str, Any], prefix: str) -> None:
    extract["document_url"] = prefix + extract["document_url"]
    for image in extract.get("content_images", []):
        image["url"] = prefix + image["url"]
