"""A small extraction API 0.8.1: it accepts documents, charges for them, and finishes each after a while."""

from __future__ import annotations

import datetime
import json
import random
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fake_api.faults import BAD_KEY, NOT_FOUND
from tests.fake_api.messages import Request, Response
from tests.fake_api.multipart import Form
from tests.fake_api.rewrites import rewrite_at_random
from tests.fake_api.server import FaultServer

Extract = dict[str, Any]
STEPS = ("OCR", "IMAGES", "PARSING", "LOCATION")
LARGEST_PAGE = 100
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
SCHEMA = {
    "id": "300f339f-da71-4f9f-80f6-c25a63baae75",
    "name": "Invoice schema",
    "description": "An invoice",
    "additional_informations": None,
    "schema": {
        "type": "object",
        "required": ["invoice_number"],
        "properties": {"invoice_number": {"type": "string"}, "total": {"type": "number"}},
    },
    "created_at": "2025-06-12T14:56:10.682461Z",
    "updated_at": "2025-06-12T14:56:10.682461Z",
}


@dataclass
class Job:
    """How the work on one accepted document goes. It follows from the clock."""

    accepted_at: float
    shown_at: float
    seconds: float
    fails: bool
    looks_odd: bool
    image: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def progress(self) -> float:
        """From 0 to 1, and beyond that when it has ended."""
        return (time.time() - self.accepted_at) / max(self.seconds, 0.001)

    @property
    def status(self) -> str:
        if self.progress >= 1:
            return "ERROR" if self.fails else "FINISHED"
        return "IN_PROGRESS" if self.progress > 0.1 else "CREATED"

    def update(self, extract: Extract) -> None:
        extract["status"] = self.status
        extract["extraction_step"] = STEPS[min(int(self.progress * len(STEPS)), len(STEPS) - 1)]
        if extract["status"] != "FINISHED":
            return
        image = {"name": "_page_0_Picture_1.jpeg", "url": f"/images/{self.image}/"}
        extract |= {
            "content_images": [image],
            "content": f"# Invoice\n\n![]({image['name']})\n\nTotal 12.50",
            "extracted_data": {"invoice_number": "INV-1", "total": 12.5} if extract["schema"] else None,
            "classifier_result": "Invoice" if extract["classifier"] else None,
            "extraction_time": round(self.seconds, 2),
            "credit_used": 3,
        }


class FakeApi(FaultServer):
    """The service itself, with faults before it. A test may look at what it holds, and change that."""

    def __init__(
        self, ledger: Path | None = None, plan: Mapping[str, Any] | None = None, *, port: int = 0, key: str = ""
    ) -> None:
        super().__init__(ledger, plan, port=port)
        self.key = key
        """The only key that opens it; empty: any does."""
        self.documents: dict[str, Extract] = {}
        """By id, in the detail form."""
        self.jobs: dict[str, Job] = {}
        self.accepted: Counter[str] = Counter()
        """By `portal_key`: what was charged."""
        self.hidden: set[str] = set()
        """Ids that searches do not show."""
        self.next_updates: dict[str, deque[Extract]] = {}
        """By id: what each next read of the document adds to it."""
        self.files: dict[str, tuple[str, bytes]] = {}
        """By path: the media type and the content."""
        self.schemas: list[dict[str, Any]] = [SCHEMA]
        self.takes_schemas = True
        self.classifiers: list[dict[str, Any]] | None = None
        """With a list, it has the extensions of the embedded engine."""
        self.corrections: dict[tuple[str, str], str] = {}
        """By extract and classifier: the category that it was told."""
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        if not request.path.endswith("/"):
            query = f"?{request.query_string}" if request.query_string else ""
            return Response.of(301, headers={"Location": f"{request.path}/{query}"})
        if self.key and request.headers.get("Authorization") != self.key:
            return Response.of(401, BAD_KEY)
        if request.method == "GET" and request.path in self.files:
            media_type, content = self.files[request.path]
            return Response(200, content, {"Content-Type": media_type})
        return self._route(request)

    def _route(self, request: Request) -> Response:
        match [request.method, *request.path.strip("/").split("/")]:
            case ["POST", "extract"]:
                return self._create(request)
            case ["GET", "extract"]:
                return self._page(request, [list_item(extract) for extract in self.search(request.query)])
            case ["GET", "extract", identity]:
                return self._read(request, identity)
            case ["DELETE", "extract", identity]:
                return self._delete(identity)
            case ["POST", "schema"] if self.takes_schemas:
                return self._create_schema(request)
            case ["GET", "schema"]:
                return self._page(request, self.schemas)
            case ["GET", "schema", identity]:
                found = [schema for schema in self.schemas if schema["id"] == identity]
                return Response.of(200, found[0]) if found else Response.of(404, NOT_FOUND)
            case [method, "x", *rest] if self.classifiers is not None:
                return self._extension(method, rest, request)
        return Response.of(404, NOT_FOUND)

    def _create(self, request: Request) -> Response:
        if errors := request.form.errors():
            return Response.of(400, errors)
        return Response.of(201, self._seen(request, self.accept(request.form, hidden_for=request.hidden_for)))

    def _extension(self, method: str, path: list[str], request: Request) -> Response:
        """What the embedded engine has beyond the API."""
        match path:
            case ["classifier"]:
                return self._page(request, self.classifiers or [])
            case ["classifier", identity]:
                return self._change_classifier(method, identity, request)
            case ["extract", identity, "category"]:
                return self._correct(method, identity, request)
        return Response.of(404, NOT_FOUND)

    def _change_classifier(self, method: str, identity: str, request: Request) -> Response:
        known = [row for row in self.classifiers or () if row["id"] == identity]
        self.classifiers = [row for row in self.classifiers or () if row["id"] != identity]
        if method == "DELETE":
            return Response(204)
        self.classifiers.append({"id": identity, **json.loads(request.body)})
        return Response.of(200 if known else 201, self.classifiers[-1])

    def _correct(self, method: str, identity: str, request: Request) -> Response:
        if identity not in self.documents:
            return Response.of(404, NOT_FOUND)
        if method == "DELETE":
            self.corrections.pop((identity, request.query["classifier"]), None)
            return Response(204)
        body = json.loads(request.body)
        self.corrections[identity, body["classifier"]] = body["category"]
        return Response.of(200, {"category": body["category"]})

    def _create_schema(self, request: Request) -> Response:
        """As jsonb would store it: with other keys first."""
        body = json.loads(request.body)
        if not str(body.get("name", "")).strip():
            return Response.of(400, {"name": ["This field may not be blank."]})
        made = {"id": str(uuid.uuid4()), "created_at": "2026-01-01T00:00:00Z", "updated_at": None}
        made |= body | {"schema": dict(sorted(body["schema"].items()))}
        self.schemas.append(made)
        return Response.of(201, made)

    def accept(self, form: Form, *, hidden_for: float = 0) -> Extract:
        """Accept and charge: first the ledger, then everything else."""
        identity, key = str(uuid.uuid4()), form.portal_key
        charge = self.ledger.record(portal_key=key, sha256=form.sha256, size=len(form.document), id=identity)
        self.files[f"/document/{identity}/"] = ("application/pdf", form.document)
        job = self._job_from(charge.at, hidden_for, str(form.fields.get("server")))
        if job is not None:
            # Before the document, for that is not to be shown too soon.
            self.jobs[identity] = job
            self.files[f"/images/{job.image}/"] = ("image/jpeg", JPEG)
        fields = {name: form.fields.get(name) for name in ("server", "schema", "classifier")}
        extract = self.add(form.file_name, form.metadata, id=identity, **fields)
        self.journal.record("accepted", identity, key)
        if job is not None:
            self.webhooks.announce(dict(extract), job.seconds)
        # Counted last: who waits for the count may then do something with the document.
        with self._lock:
            self.accepted[key] += 1
        return extract

    def _job_from(self, accepted_at: float, hidden_for: float, server: str) -> Job | None:
        if self.plan.job_seconds is None:
            return None
        seconds = self.plan.between(self.plan.job_seconds)
        failing = max(self.plan.failing, self.plan.failing_at.get(server, 0.0))
        fails, odd = self.plan.chance(failing), self.plan.chance(self.plan.odd)
        return Job(accepted_at, accepted_at + hidden_for, seconds, fails, odd)

    def add(self, name: str, metadata: Any, **fields: Any) -> Extract:
        """A document that nobody was charged for; its fields are in the documented order."""
        identity = fields.get("id") or str(uuid.uuid4())
        created = datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")
        extract: Extract = {
            "id": identity, "document_name": name, "document_url": f"/document/{identity}/?type=extract",
            "content_images": [], "server": "FR-1", "content": None, "extracted_data": None, "schema": None,
            "classifier": None, "classifier_result": None, "workflow": None, "workflow_session_id": None,
            "status": "CREATED", "extraction_step": "OCR", "extraction_time": None, "credit_used": None,
            "metadata": metadata, "created_at": created,
        }  # fmt: skip
        self.documents[identity] = extract | fields
        return self.documents[identity]

    def search(self, query: Mapping[str, str]) -> list[Extract]:
        """Newest first."""
        now = self.plan.search_shows_until(time.time())
        shown = [extract for extract in reversed(list(self.documents.values())) if self._is_shown(extract["id"], now)]
        return [self._current(extract) for extract in shown if _matches(extract, query)]

    def _is_shown(self, identity: str, now: float) -> bool:
        job = self.jobs.get(identity)
        return identity not in self.hidden and (job is None or job.shown_at <= now)

    def _read(self, request: Request, identity: str) -> Response:
        extract = self.documents.get(identity)
        if extract is None:
            return Response.of(404, NOT_FOUND)
        if updates := self.next_updates.get(identity):
            extract.update(updates.popleft())
        return Response.of(200, self._seen(request, extract))

    def _current(self, extract: Extract) -> Extract:
        """The document as it is now."""
        if job := self.jobs.get(extract["id"]):
            job.update(extract)
        return dict(extract)

    def _seen(self, request: Request, extract: Extract) -> Extract:
        """The same, as a client may see it."""
        seen, job = self._current(extract), self.jobs.get(extract["id"])
        if job is not None and job.looks_odd:
            rewrite_at_random(seen, request.base_url, random.Random(self.plan.between((0, 1))))
        return seen

    def _delete(self, identity: str) -> Response:
        extract, job = self.documents.pop(identity, None), self.jobs.pop(identity, None)
        self.files.pop(f"/document/{identity}/", None)
        if job is not None:
            self.files.pop(f"/images/{job.image}/", None)
        return Response(204) if extract is not None else Response.of(404, NOT_FOUND)

    def _page(self, request: Request, items: list[Any]) -> Response:
        page, size = int(request.query.get("page", 1)), min(int(request.query.get("size", 50)), LARGEST_PAGE)
        start = (page - 1) * size
        if page > 1 and start >= len(items):
            return Response.of(404, {"detail": "Invalid page."})
        body = {
            "count": len(items),
            "next": request.next_page_url() if start + size < len(items) else None,
            "previous": None,
            "results": items[start : start + size],
        }
        return Response.of(200, body)


def _matches(extract: Extract, query: Mapping[str, str]) -> bool:
    metadata = extract["metadata"] or {}
    key, value, search = query.get("meta_key"), query.get("meta_value"), query.get("search")
    if key and value and str(metadata.get(key)) != value:
        return False
    if key and key not in metadata:
        return False
    if value and not key and value not in map(str, metadata.values()):
        return False
    return not search or search.lower() in (extract["document_name"] or "").lower()


def list_item(extract: Extract) -> Extract:
    """Nothing heavy, and the schema as an object."""
    heavy = ("content_images", "server", "content", "extracted_data")
    item = {name: value for name, value in extract.items() if name not in heavy}
    if item["schema"]:
        item["schema"] = {"name": "Invoice schema", "description": "", "additional_informations": None}
    return item
