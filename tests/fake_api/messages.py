"""A request to the API and its response, as plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.fake_api.multipart import Form, parse_form

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    base_url: str = ""
    """The address at which the client reached the API."""
    body: bytes = b""
    truncated: bool = False
    """Whether the client went away before it had sent the length that it announced."""
    hidden_for: float = 0.0
    """Seconds for which searches do not show what this request creates."""

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @property
    def kind(self) -> str:
        """What the request is for, as a `FaultPlan` names it."""
        parts = self.path.strip("/").split("/")
        match [self.method, *parts]:
            case ["POST", *_, "extract"]:
                return "create"
            case ["GET", "extract"]:
                return "list"
            case ["GET", "extract", _]:
                return "read"
            case ["DELETE", "extract", _]:
                return "delete"
            case ["POST", "schema"]:
                return "create_schema"
            case ["GET", "schema", *_]:
                return "schemas"
            case ["GET", "images" | "document", _]:
                return "file"
        return "other"

    @property
    def subject(self) -> str:
        """The id of the document that is read or deleted, or what is searched for."""
        if self.kind in {"read", "delete"}:
            return self.path.strip("/").split("/")[1]
        return self.query.get("meta_value", self.query.get("search", ""))

    @cached_property
    def form(self) -> Form:
        return parse_form(self.body, self.headers.get("Content-Type", ""), truncated=self.truncated)

    def next_page_url(self) -> str:
        """Of another host on purpose: a client may believe the query string only."""
        page = int(self.query.get("page", 1)) + 1
        return f"https://elsewhere.example.com{self.path}?{urlencode(self.query | {'page': str(page)})}"


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Response:
        """Bytes as they are, anything else as JSON, and None as an empty body."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return cls(status, content, {"Content-Type": JSON_TYPE} | dict(headers or {}))

    def json(self) -> Any:
        """The body, or None where it is no JSON."""
        try:
            return json.loads(self.body) if JSON_TYPE in self.headers.get("Content-Type", "") else None
        except ValueError:
            return None
