"""Documents and values as the API tells of them."""

from __future__ import annotations

from dataclasses import dataclass

from client.types import Json, JsonObject

ENDED = ("FINISHED", "ERROR")


@dataclass(frozen=True, slots=True)
class Document:
    """`raw` is the whole answer. `data` is None until the document is read."""

    id: str
    name: str
    status: str
    """CREATED, IN_PROGRESS, FINISHED or ERROR."""
    data: Json
    content: str | None
    metadata: JsonObject
    credits: float | None
    state: str
    """The portal's own word; empty from the service itself, like all that follows."""
    review: str
    error: str
    page: str
    """The page for people."""
    raw: JsonObject
    existing: str = ""
    """After an upload: "same-file" or "same-key" if the document was there already, and nothing is paid again."""

    @classmethod
    def of(cls, raw: JsonObject, existing: str = "") -> Document:
        return cls(
            id=str(raw["id"]),
            name=raw.get("document_name") or "",
            status=raw.get("status") or "",
            data=raw.get("extracted_data"),
            content=raw.get("content"),
            metadata=raw.get("metadata") or {},
            credits=raw.get("credit_used"),
            state=raw.get("x_state") or "",
            review=raw.get("x_review") or "",
            error=raw.get("x_error") or "",
            page=raw.get("x_page") or "",
            raw=raw,
            existing=existing,
        )

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def failed(self) -> bool:
        return self.status == "ERROR"


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a document, with where it stands: `boxes` are fractions of the page."""

    path: str
    value: Json
    extracted: Json
    status: str
    evidence: str
    confidence: float | None
    page: int | None
    boxes: Json
    version: int
    raw: JsonObject

    @classmethod
    def of(cls, raw: JsonObject) -> Value:
        return cls(
            path=raw["path"],
            value=raw["value"],
            extracted=raw["extracted"],
            status=raw["status"],
            evidence=raw["evidence"],
            confidence=raw["confidence"],
            page=raw["page"],
            boxes=raw["boxes"],
            version=raw["version"],
            raw=raw,
        )
