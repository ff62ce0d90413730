"""What the API knows: documents that it accepted, and how far it is with each."""

from __future__ import annotations

import datetime
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.stand_in.form import Form
from tests.stand_in.ledger import Ledger
from tests.stand_in.plan import Plan

STEPS = ("OCR", "IMAGES", "PARSING", "LOCATION")


@dataclass
class Job:
    """One accepted document. Its state follows from the clock."""

    id: str
    form: Form
    pages: tuple[str | None, str | None]
    accepted_at: float
    shown_at: float
    seconds: float
    fails: bool
    deleted: bool = False
    odd: bool = False
    image: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def progress(self) -> float:
        return (time.time() - self.accepted_at) / max(self.seconds, 0.001)

    @property
    def status(self) -> str:
        if self.progress >= 1:
            return "ERROR" if self.fails else "FINISHED"
        return "IN_PROGRESS" if self.progress > 0.1 else "CREATED"

    @property
    def finished_at(self) -> float:
        return self.accepted_at + self.seconds


class Service:
    def __init__(self, ledger: Ledger, plan: Plan) -> None:
        self.ledger, self.plan = ledger, plan
        self.jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def accept(self, form: Form, pages: tuple[str | None, str | None], *, shown_in: float = 0) -> Job:
        """Accept and charge: first the ledger, then everything else."""
        identity = str(uuid.uuid4())
        entry = self.ledger.write(
            portal_key=form.portal_key, sha256=form.sha256, size=len(form.document or b""), id=identity
        )
        seconds = self.plan.between(self.plan.job_seconds)
        fails = self.plan.chance(self.plan.failing)
        job = Job(
            identity, form, pages, entry.at, entry.at + shown_in, seconds, fails, odd=self.plan.chance(self.plan.odd)
        )
        with self._lock:
            self.jobs[identity] = job
        return job

    def find(self, identity: str) -> Job | None:
        job = self.jobs.get(identity)
        return job if job is not None and not job.deleted else None

    def shown(self) -> list[Job]:
        """Newest first."""
        now = time.time()
        with self._lock:
            jobs = list(self.jobs.values())
        return [job for job in reversed(jobs) if not job.deleted and job.shown_at <= now]

    def search(self, query: dict[str, str]) -> list[Job]:
        return [job for job in self.shown() if _matches(job, query)]

    def odd_random(self) -> random.Random:
        return random.Random(self.plan.between((0, 1)))


def _matches(job: Job, query: dict[str, str]) -> bool:
    metadata = job.form.metadata or {}
    key, value, search = query.get("meta_key"), query.get("meta_value"), query.get("search")
    if key and value and str(metadata.get(key)) != value:
        return False
    if key and key not in metadata:
        return False
    if value and not key and value not in map(str, metadata.values()):
        return False
    return not search or search.lower() in job.form.file_name.lower()


def detail(job: Job) -> dict[str, Any]:
    """The extract object, with every field in the documented order."""
    finished = job.status == "FINISHED"
    fields = job.form.fields
    step = STEPS[min(int(job.progress * len(STEPS)), len(STEPS) - 1)]
    image = {"name": "_page_0_Picture_1.jpeg", "url": f"/images/{job.image}/"}
    created = datetime.datetime.fromtimestamp(job.accepted_at, datetime.UTC)
    return {
        "id": job.id,
        "document_name": job.form.file_name,
        "document_url": f"/document/{job.id}/?type=extract",
        "content_images": [image] if finished else [],
        "server": fields.get("server"),
        "content": f"# Invoice\n\n![]({image['name']})\n\nTotal 12.50" if finished else None,
        "extracted_data": {"invoice_number": "INV-1", "total": 12.5} if finished and fields.get("schema") else None,
        "schema": fields.get("schema"),
        "classifier": fields.get("classifier"),
        "classifier_result": "Invoice" if finished and fields.get("classifier") else None,
        "workflow": None,
        "workflow_session_id": None,
        "status": job.status,
        "extraction_step": step,
        "extraction_time": round(job.seconds, 2) if finished else None,
        "credit_used": 3 if finished else None,
        "metadata": job.form.metadata,
        "created_at": created.isoformat().replace("+00:00", "Z"),
    }


def item(job: Job) -> dict[str, Any]:
    """A list item: nothing heavy, and the schema as an object."""
    answer = detail(job)
    for name in ("content_images", "server", "content", "extracted_data"):
        del answer[name]
    if answer["schema"]:
        answer["schema"] = {"name": "Invoice schema", "description": "", "additional_informations": None}
    return answer
