"""Receipts of erasures: begun in the transaction of the erasure, finished once nothing is left."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import quarantine
from extractions.models import Backup, ErasureReceipt, Extraction, Installation, WebhookMessage
from extractions.models.receipt import FORMAT, Facts, digest_of
from extractions.storage import file_store
from portal.audit.models import Entry, EntryQuerySet
from portal.audit.recording import Action, record

BATCH = 200
MOST_LINES = 500
Scope, Reason = ErasureReceipt.Scope, ErasureReceipt.Reason

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deleted:
    """What the service was asked to delete, and the HTTP status of its answer; 404 where it had it no more."""

    remote_id: str
    answer: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    reason: ErasureReceipt.Reason
    person: int | None
    at: datetime | None


def begin(
    extraction: Extraction,
    scope: ErasureReceipt.Scope,
    *,
    deleted: Sequence[Deleted] | None,
    rows: Mapping[str, int],
    files: Mapping[str, Sequence[str]],
) -> ErasureReceipt:
    """Call it before the rows go. `deleted` is None where nothing could be asked for want of a key."""
    request, now = _request_of(extraction, scope), clock.now()
    names = [name for kind in files.values() for name in kind if name]
    receipt = ErasureReceipt(
        team_id=extraction.team_id, extraction=extraction, scope=scope, reason=request.reason,
        asked_by_id=request.person, file_sha256=extraction.sha256, erased_at=now, files=names,
    )  # fmt: skip
    receipt.facts = {
        "format": FORMAT,
        "receipt": str(receipt.key),
        "scope": scope.value,
        "reason": request.reason.value,
        "asked_by": request.person,
        "asked_at": _iso(request.at),
        "erased_at": _iso(now),
        "document": _document(extraction),
        "rows": {name: count for name, count in rows.items() if count},
        "files": {kind: len([name for name in of_kind if name]) for kind, of_kind in files.items()},
        "service": _service(extraction, deleted),
        "exports": _lines(_exports(extraction)),
        "opened": _lines(_about(extraction, Action.FILE_SEEN)),
        "guests": _lines(_about(extraction, Action.LINK_OPENED)),
        "webhooks": _webhooks(extraction),
    }
    receipt.save(force_insert=True)
    return receipt


def finish_due() -> int:
    """Finish those of which neither a file nor a trace in the database is left; how many."""
    removed_at = Installation.objects.values_list("traces_removed_at", flat=True).first()
    if removed_at is None or not file_store.is_reachable():
        return 0
    done, last = 0, 0
    due = ErasureReceipt.objects.filter(finished_at__isnull=True, erased_at__lte=removed_at).order_by("pk")
    while receipts := list(due.filter(pk__gt=last)[:BATCH]):
        last = receipts[-1].pk
        done += sum(_finish(receipt, removed_at) for receipt in receipts if not _files_left(receipt))
    if done:
        log.info("Finished the receipts of %d erasures", done)
    return done


def _finish(receipt: ErasureReceipt, removed_at: datetime) -> bool:
    now = clock.now()
    facts = receipt.facts | {
        "finished_at": _iso(now),
        "database": connection.vendor,
        "traces_removed_at": _iso(removed_at),
        "backups": _backups(receipt.erased_at),
    }
    digest = digest_of(facts)
    with serialized_atomic():
        rows = ErasureReceipt.objects.filter(pk=receipt.pk, finished_at__isnull=True)
        if not rows.update(finished_at=now, facts=facts, sha256=digest, files=[]):
            return False
        document = facts["document"]["key"]
        line = record(Action.ERASED, receipt, after={"document": document, "scope": receipt.scope, "sha256": digest})
        ErasureReceipt.objects.filter(pk=receipt.pk).update(entry_number=line.pk)
    return True


def _files_left(receipt: ErasureReceipt) -> bool:
    """Pages that were being drawn during the erasure are discarded by whoever drew them."""
    root = Path(settings.MEDIA_ROOT)
    if receipt.extraction.pages.exists() or receipt.extraction.page_words.exists():
        return True
    return any((root / name).exists() or quarantine.has_copies(name) for name in receipt.files)


def _request_of(extraction: Extraction, scope: ErasureReceipt.Scope) -> Asked:
    """Read from the audit log, which knows who deleted it and how."""
    if scope == Scope.ORIGINAL:
        return Asked(Reason.RETENTION, None, extraction.original_erasure_requested_at)
    line = _about(extraction, Action.DELETED).newest_first().first()
    if line is None:
        return Asked(Reason.PERSON, None, extraction.delete_requested_at)
    how = line.after if isinstance(line.after, dict) else {}
    if how.get("retention"):
        return Asked(Reason.RETENTION, None, line.at)
    return Asked(Reason.PERSON if how.get("for_good") else Reason.TRASH, line.person_id, line.at)


def _document(extraction: Extraction) -> Facts:
    named = {"name": extraction.name} if settings.RECEIPTS_WITH_NAMES else {}
    return named | {
        "key": str(extraction.key), "sha256": extraction.sha256, "size": extraction.size, "type": extraction.mime,
        "pages": extraction.page_count, "received_at": _iso(extraction.received_at),
    }  # fmt: skip


def _service(extraction: Extraction, deleted: Sequence[Deleted] | None) -> Facts:
    requests = [{"id": item.remote_id, "answer": item.answer, "at": _iso(item.at)} for item in deleted or ()]
    known = [item for item in (extraction.remote_id, *extraction.other_remote_ids) if item]
    return {
        "address": extraction.connection.base_url, "embedded": extraction.connection.embedded, "asked": requests,
        "not_asked": known if deleted is None else [],
    }  # fmt: skip


def _about(extraction: Extraction, action: str) -> EntryQuerySet:
    return Entry.objects.about("extraction", str(extraction.key)).filter(action=action)


def _exports(extraction: Extraction) -> EntryQuerySet:
    """Those of the document alone, and those of many, whose lines are linked."""
    many = list(extraction.exported.order_by("-entry_number").values_list("entry_number", flat=True)[:MOST_LINES])
    return Entry.objects.filter(pk__in=many) | _about(extraction, Action.EXPORTED)


def _lines(entries: EntryQuerySet) -> list[Facts]:
    lines = []
    for entry in entries.order_by("pk")[:MOST_LINES]:
        after = entry.after if isinstance(entry.after, dict) else {}
        facts = {name: after[name] for name in ("form", "documents") if name in after}
        lines.append({"line": entry.pk, "at": _iso(entry.at), "person": entry.person_id, **facts})
    return lines


def _webhooks(extraction: Extraction) -> dict[str, int]:
    messages = WebhookMessage.objects.filter(extraction=extraction.pk)
    return {"messages": messages.count(), "delivered": messages.filter(state=WebhookMessage.State.DELIVERED).count()}


def _backups(before: datetime) -> Facts:
    """What is known here; backups by other means, nobody knows."""
    taken = Backup.objects.filter(finished_at__isnull=False, begun_at__lt=before)
    newest = taken.order_by("-begun_at").values_list("begun_at", flat=True).first()
    return {
        "taken_before": taken.count(), "newest": _iso(newest), "scheduled": bool(settings.BACKUP_DIR),
        "kept": settings.BACKUP_KEEP, "every_hours": settings.BACKUP_EVERY_HOURS,
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
