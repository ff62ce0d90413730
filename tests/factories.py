"""Rows for tests. Every argument that a test does not care about has a likely default."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from fpdf import FPDF
from PIL import Image

from extractions.forwarding.steps import receipts
from extractions.models import (
    Classifier,
    ClassifierVersion,
    Connection,
    ContentImage,
    ErasureReceipt,
    Event,
    Extraction,
    PageImage,
    Schema,
    SchemaVersion,
    StudioClassifier,
    StudioSchema,
    Webhook,
)
from portal.people.models import Membership, Team, User
from portal.sealing import seal

State = Extraction.State
Role = Membership.Role
_numbers = itertools.count(1)

INVOICE = {
    "type": "object",
    "required": ["invoice_number", "total"],
    "properties": {
        "invoice_number": {"type": "string", "description": "Number of the invoice"},
        "total": {"type": "number", "description": "Total with tax"},
    },
}


@lru_cache
def pdf(pages: int = 1, text: str = "Invoice INV-1") -> bytes:
    """A small, real PDF."""
    document = FPDF()
    document.set_font("helvetica")
    for number in range(1, pages + 1):
        document.add_page()
        document.cell(text=f"{text}, page {number}")
    return bytes(document.output())


def make_person(name: str = "", *, team: Team | None = None, role: str = Role.REVIEWER, **fields: Any) -> User:
    name = name or f"Person {next(_numbers)}"
    fields.setdefault("email", f"{name.lower().replace(' ', '.')}@example.com")
    person = User(name=name, **fields)
    person.set_unusable_password()
    person.save()
    if team is not None:
        Membership.objects.create(person=person, team=team, role=role)
    return person


def make_team(name: str = "") -> Team:
    return Team.objects.create(name=name or f"Team {next(_numbers)}")


def make_connection(**fields: Any) -> Connection:
    """Without arguments: the connection of the settings."""
    if not fields:
        return Connection.current()
    fields.setdefault("base_url", f"http://api-{next(_numbers)}.example.com")
    fields.setdefault("key_fingerprint", uuid.uuid4().hex)
    return Connection.objects.create(**fields)


def make_schema(name: str = "Invoice", **fields: Any) -> Schema:
    fields.setdefault("connection", make_connection())
    return Schema.objects.create(**({"remote_id": str(uuid.uuid4()), "name": name, "schema": INVOICE} | fields))


def make_studio_schema(
    name: str = "Lease contract", *, team: Team, author: User | None = None, **fields: Any
) -> StudioSchema:
    """With its first version, unpublished."""
    studio = StudioSchema.objects.create(team=team, name=name, author=author)
    facts = {"number": 1, "name": name, "author": author, "schema": INVOICE} | fields
    SchemaVersion.objects.create(studio=studio, **facts)
    return studio


def make_studio_classifier(
    name: str = "Papers", *, team: Team, author: User | None = None, **fields: Any
) -> StudioClassifier:
    """With its first version, unpublished."""
    studio = StudioClassifier.objects.create(team=team, name=name, author=author)
    categories = [{"name": word, "description": "", "schema": None} for word in ("Invoice", "Receipt", "Lease")]
    facts = {"number": 1, "name": name, "author": author, "categories": categories} | fields
    ClassifierVersion.objects.create(studio=studio, **facts)
    return studio


def make_classifier(name: str = "Kinds of paper", **fields: Any) -> Classifier:
    fields.setdefault("connection", make_connection())
    return Classifier.objects.create(
        **({"remote_id": str(uuid.uuid4()), "name": name, "categories": ["Invoice", "Receipt"]} | fields)
    )


def make_extraction(
    *, owner: User, team: Team | None = None, content_of_file: bytes | None = None, **fields: Any
) -> Extraction:
    """A row with its file. In state EXTRACTED or FAILED it has the answer that goes with it."""
    original = pdf() if content_of_file is None else content_of_file
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "connection": fields.get("connection") or make_connection(),
        "name": f"invoice-{number}.pdf",
        "mime": "application/pdf",
        "page_count": 1,
        "server": "FR-1",
        "size": len(original),
        "sha256": hashlib.sha256(original).hexdigest(),
    } | _of_the_state(fields.get("state", State.QUEUED))
    if "document" not in fields:
        fields["document"] = _stored(original)
    team = team or Membership.objects.filter(person=owner).earliest("pk").team
    return Extraction.objects.create(owner=owner, team=team, **(defaults | fields))


def make_content_image(extraction: Extraction, content: bytes = b"", **fields: Any) -> ContentImage:
    position = extraction.content_images.count()
    defaults = {"position": position, "name": f"_page_0_Picture_{position}.jpeg", "url": f"/images/{uuid.uuid4()}/"}
    if content:
        defaults |= {"file": _stored(content, ".jpeg"), "mime": "image/jpeg"}
    return ContentImage.objects.create(extraction=extraction, **(defaults | fields))


@lru_cache
def jpeg(width: int = 62, height: int = 88) -> bytes:
    """A white page."""
    picture = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(picture, "JPEG")
    return picture.getvalue()


def make_page(extraction: Extraction, content: bytes = b"", **fields: Any) -> PageImage:
    content = content or jpeg()
    defaults: dict[str, Any] = {"number": extraction.pages.count() + 1, "width": 62, "height": 88}
    return PageImage.objects.create(extraction=extraction, file=_stored(content, ".jpg"), **(defaults | fields))


def make_receipt(extraction: Extraction, scope: ErasureReceipt.Scope = ErasureReceipt.Scope.DOCUMENT) -> ErasureReceipt:
    """Of an erasure that has begun."""
    files = {"original": ["documents/erased.pdf"], "pages": ["pages/erased.jpg"]}
    rows = {"values": 2, "pages": 1, "comments": 1, "presences": 1}
    deleted = [receipts.Deleted(extraction.remote_id or "1", 204, timezone.now())]
    return receipts.begin(extraction, scope, deleted=deleted, rows=rows, files=files)


def _of_the_state(state: str) -> dict[str, Any]:
    now = timezone.now()
    if state in (State.QUEUED, State.CHECKING):
        return {"next_try_at": now}
    accepted = {"remote_id": str(uuid.uuid4()), "handed_over_at": now, "attempts": 1, "created_at": now}
    if state == State.RUNNING:
        return accepted | {"next_try_at": now, "status": "IN_PROGRESS", "extraction_step": "OCR"}
    if state == State.FAILED:
        return accepted | {"status": "ERROR", "extraction_step": "PARSING", "finished_at": now}
    if state == State.EXTRACTED:
        data = {"invoice_number": "INV-1", "total": 12.5}
        return accepted | {
            "status": "FINISHED",
            "finished_at": now,
            "extraction_step": "LOCATION",
            "extraction_time": 4.2,
            "credit_used": 3,
            "content": "# Invoice\n\nINV-1",
            "extracted_data": data,
            "raw": {"status": "FINISHED", "extracted_data": data},
        }
    return {}


def _stored(content: bytes, ending: str = ".pdf") -> str:
    relative = Path("documents") / "te" / f"{uuid.uuid4().hex}{ending}"
    path = Path(settings.MEDIA_ROOT) / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(relative)


SIGNING_SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, no").decode()


def make_webhook(team: Team, url: str = "https://receiver.example.com/hook", **fields: Any) -> Webhook:
    """One that wants every event."""
    defaults = {"name": "Bookkeeping", "events": Event.values, "portal_url": "https://portal.example.com"}
    secret = seal(fields.pop("secret", SIGNING_SECRET))
    return Webhook.objects.create(team=team, url=url, sealed_secret=secret, **(defaults | fields))
