"""Empties the row of a document and removes what belongs to it, with a receipt; files go after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extractions import clock
from extractions.accuracy import counting
from extractions.exports.withdrawing import withdraw
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import file_removals, receipts
from extractions.forwarding.steps.erased_traces import note_erasure
from extractions.forwarding.steps.receipts import Deleted, Scope
from extractions.models import (
    Event,
    Extraction,
    ExtractionQuerySet,
    IncomingAttachment,
    IncomingFile,
    IncomingMail,
    InvoiceKeys,
    TestDocument,
    held,
    publish,
)
from extractions.models.lifecycle import IN_FLIGHT

State = Extraction.State

PARTS = (
    "values", "pages", "page_words", "content_images", "changes", "comments", "taggings", "presences", "notices",
    "distinct_from", "distinct_of", "classifier_examples", "classifier_tests", "proposal_documents",
    "next_steps",
)  # fmt: skip
"""Related rows with content of the document or remarks about it."""
ORIGINAL_PARTS = (
    "pages", "page_words", "content_images", "classifier_examples", "classifier_tests", "proposal_documents",
    "next_steps",
)  # fmt: skip
"""Those that show the original or were made for reading it again."""
TEXT_IN_ANSWER = ("content", "content_images", "document_url")
NOT_REVIEWED: dict[str, Any] = {
    "review_state": "", "needs": 0, "broken_count": 0, "amount": None, "due_on": None, "override_reason": "",
    "reject_reason": "", "assigned_to": None, "claimed_by": None, "first_approved_by": None, "last_changed_by": None,
    "approved_by": None, "reviewed_by": None, "unjudged_rules": None, "printed_adjustments": [], "row_edits": {},
    "second_wanted": False,
}  # fmt: skip


def erase_document(extraction: Extraction, lease: int, deleted: Sequence[Deleted] | None) -> None:
    """Erase all but key, remote ids, dates and credits."""
    files = _files(extraction)
    with serialized_atomic():
        rows = _erasable(extraction, lease)
        state = State.CANCELLED if extraction.state in Extraction.UNDERWAY else extraction.state
        emptied = rows.update(
            state=state, deleted_at=clock.now(), name="", document="", sha256="", form_token=None, metadata={},
            owner=None, schema=None, schema_version=None, classifier=None, error_code="", error_detail="",
            document_name=None, document_url="", classifier_result=None, content=None, extracted_data=None, raw=None,
            folder="", origin=None, origin_name="", origin_pages=[], unknown_fields=[], steps_seen={},
            pages_due_at=None, evidence_due_at=None, next_try_at=None,
            lease_until=None, **NOT_REVIEWED,
        )  # fmt: skip
        if not emptied:
            return
        withdrawn = withdraw(extraction)
        rows_of = {name: getattr(extraction, name).all() for name in PARTS}
        counts = {name: related.count() for name, related in rows_of.items()}
        receipts.begin(extraction, Scope.DOCUMENT, deleted=deleted, rows=counts, files=files | {"exports": withdrawn})
        counting.forget_values(extraction)
        for related in rows_of.values():
            related.delete()
        _forget_surroundings(extraction)
        publish(extraction, Event.DELETED)
        note_erasure()
        file_removals.request([name for names in (*files.values(), withdrawn) for name in names])
    file_removals.carry_out()


def erase_original(extraction: Extraction, lease: int, deleted: Sequence[Deleted] | None) -> None:
    """Erase the file, its pages, pictures and text. Values, their history and comments stay."""
    files = _files(extraction)
    raw = Extraction.objects.filter(pk=extraction.pk).values_list("raw", flat=True).first()
    with serialized_atomic():
        emptied = _erasable(extraction, lease).update(
            original_erased_at=clock.now(), document="", document_url="", content=None,
            raw=without_text(raw), pages_due_at=None, evidence_due_at=None, next_try_at=None, lease_until=None,
        )  # fmt: skip
        if not emptied:
            return
        withdrawn = withdraw(extraction, only_originals=True)
        rows_of = {name: getattr(extraction, name).all() for name in ORIGINAL_PARTS}
        counts = {name: related.count() for name, related in rows_of.items()}
        receipts.begin(extraction, Scope.ORIGINAL, deleted=deleted, rows=counts, files=files | {"exports": withdrawn})
        for related in rows_of.values():
            related.delete()
        TestDocument.objects.filter(extraction=extraction).delete()
        note_erasure()
        file_removals.request([name for names in (*files.values(), withdrawn) for name in names])
    file_removals.carry_out()


def without_text(raw: Any) -> Any:
    """The service's answer without what it read beside the values, and without links to its copies."""
    if not isinstance(raw, dict):
        return raw
    return raw | {name: None for name in TEXT_IN_ANSWER if name in raw}


def _erasable(extraction: Extraction, lease: int) -> ExtractionQuerySet:
    return Extraction.objects.filter(~held(), pk=extraction.pk, lease=lease).exclude(state__in=IN_FLIGHT)


def _forget_surroundings(extraction: Extraction) -> None:
    """What other rows say of the document."""
    InvoiceKeys.objects.filter(extraction=extraction).delete()
    extraction.tries.update(detail="")
    IncomingMail.objects.filter(attachments__extraction=extraction).update(sender="", subject="")
    IncomingAttachment.objects.filter(extraction=extraction).update(name="", facts={})
    IncomingFile.objects.filter(extraction=extraction).update(path="", moved_to="", sha256="", facts={})
    extraction.webhook_messages.all().forget_bodies()
    extraction.trial_documents.update(extracted_data=None, error_detail="")
    TestDocument.objects.filter(extraction=extraction).delete()


def _files(extraction: Extraction) -> dict[str, list[str]]:
    pictures = list(extraction.content_images.exclude(file="").values_list("file", flat=True))
    pages = [name for names in extraction.pages.values_list("file", "small", "sharp") for name in names]
    original = str(extraction.document.name or "")
    return {"original": [original] if original else [], "pages": [name for name in pages if name], "pictures": pictures}
