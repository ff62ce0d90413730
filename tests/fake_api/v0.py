"""A stand-in of API v0, as far as its documentation was seen: documents, parsings, extracts, no list of the latter."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.fake_api.messages import Request, Response
from tests.fake_api.server import FaultServer

KEY = "v0-key"
BAD_KEY = {"detail": "Invalid API key"}


class FakeApiV0(FaultServer):
    """A test says what becomes of each job, by its id."""

    def __init__(self, ledger: Path | None = None, plan: Mapping[str, Any] | None = None, *, port: int = 0) -> None:
        super().__init__(ledger, plan, port=port)
        self.documents: dict[str, dict[str, Any]] = {}
        self.parsings: dict[str, dict[str, Any]] = {}
        self.extracts: dict[str, dict[str, Any]] = {}
        self.key = KEY

    def handle(self, request: Request) -> Response:
        if {name.lower(): value for name, value in request.headers.items()}.get("x-api-key") != self.key:
            return Response.of(401, BAD_KEY)
        match [request.method, *request.path.split("/")[1:]]:
            case ["POST", "v0", "documents"]:
                return self._store(request)
            case ["GET", "v0", "documents"]:
                return Response.of(200, {"count": len(self.documents), "results": list(self.documents.values())})
            case ["POST", "v0", "parsing"]:
                return self._begin(request, self.parsings, "Parsing")
            case ["POST", "v0", "extract"]:
                return self._begin(request, self.extracts, "Extract")
            case ["GET", "v0", "parsing", identity]:
                return _found(self.parsings, identity, "Parsing")
            case ["GET", "v0", "extract", identity]:
                return _found(self.extracts, identity, "Extract")
        return Response.of(404, {"detail": "Not found."})

    def _store(self, request: Request) -> Response:
        form = request.form
        if not form.complete or form.file is None or form.file.name != "file":
            return Response.of(400, {"file": ["This field is required."]})
        identity = str(uuid.uuid4())
        self.documents[identity] = {
            "id": identity, "filename": form.fields.get("filename") or form.file_name,
            "file_url": f"/v0/documents/{identity}/download", "metadata": form.metadata, "page_count": 1,
            "created_at": _now(), "updated_at": _now(),
        }  # fmt: skip
        return Response.of(201, self.documents[identity])

    def _begin(self, request: Request, jobs: dict[str, dict[str, Any]], kind: str) -> Response:
        """This is what is charged."""
        body = json.loads(request.body)
        if body.get("document") not in self.documents:
            return Response.of(400, {"document": ["This field is required."]})
        if kind == "Extract" and not body.get("schema"):
            return Response.of(400, {"schema": ["This field is required."]})
        identity = str(uuid.uuid4())
        jobs[identity] = {"id": identity, "status": "IN_QUEUE", "error": None, "created_at": _now(), **body}
        return Response.of(201, jobs[identity])


def _found(jobs: dict[str, dict[str, Any]], identity: str, kind: str) -> Response:
    if identity not in jobs:
        return Response.of(404, {"detail": f"{kind} not found."})
    return Response.of(200, jobs[identity])


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")
