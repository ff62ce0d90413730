"""A program that speaks the dialect, as tests see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.people.models import ApiToken
from tests.contract.contract import complaints, contract, response
from tests.factories import pdf

BASE = "/api/0.8.1"
DETAIL_FIELDS = list(contract()["components"]["schemas"]["Extract"]["properties"])
NOT_OFFERED = frozenset({("post", "/workflow/{id}/extract/")})
"""Operations of the contract that docs/api.md says to be missing."""
UNKNOWN = "8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f99"


def agreed(answer: Any, method: str, path: str) -> Any:
    """The body of an answer that is as the contract says."""
    described = response(method, path, answer.status_code)
    assert complaints(described["content"]["application/json"]["schema"], answer.json()) == []
    return answer.json()


@dataclass
class Program:
    token: ApiToken
    key: str
    client: Client = field(default_factory=Client)

    def request(self, method: str, path: str, **more: Any):
        headers = {"Authorization": self.key} | more.pop("headers", {})
        address = path if path.startswith("/api") else BASE + path
        return getattr(self.client, method)(address, headers=headers, **more)

    def get(self, path: str, **more: Any):
        return self.request("get", path, **more)

    def delete(self, path: str):
        return self.request("delete", path)

    def upload(self, content: bytes | None = None, *, query: str = "", name: str = "invoice.pdf", **fields: Any):
        headers = fields.pop("headers", {})
        document = SimpleUploadedFile(name, pdf() if content is None else content, "application/pdf")
        fields = {"document": document, "server": "FR-1"} | fields
        return self.request("post", f"/extract/{query}", data=fields, headers=headers)
