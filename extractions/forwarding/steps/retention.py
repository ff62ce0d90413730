"""Erases what a team has decided to keep no longer: originals, or whole documents, by their age."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from extractions import clock, wakeup
from extractions.forwarding.serialized import serialized_atomic
from extractions.models import ExportedDocument, Extraction, ExtractionQuerySet, RetentionRule, held
from extractions.models.extraction_queryset import LARGE_COLUMNS
from extractions.models.retention import ruled_schemas
from portal.audit.models import Entry

BATCH = 100
MOST = 2000
"""Documents of one rule in one turn; the next turn goes on."""

log = logging.getLogger(__name__)
State, Since = Extraction.State, RetentionRule.Since


def apply_due() -> int:
    """Apply all rules that are switched on; how many documents."""
    done = 0
    for rule in RetentionRule.objects.filter(enabled_at__isnull=False):
        done += _apply(rule)
    if done:
        log.info("The retention period of %d documents is over", done)
        wakeup.notify_workers()
    return done


def due_documents(rule: RetentionRule, now: datetime) -> ExtractionQuerySet:
    """All of them goes, except for those under a legal hold."""
    if rule.document_days is None:
        return Extraction.objects.none()
    return _older(rule, now - timedelta(days=rule.document_days)).filter(~held(), state__in=Extraction.AT_REST)


def due_originals(rule: RetentionRule, now: datetime) -> ExtractionQuerySet:
    if rule.original_days is None:
        return Extraction.objects.none()
    rows = _older(rule, now - timedelta(days=rule.original_days)).filter(~held(), state=State.EXTRACTED)
    rows = rows.filter(original_erasure_requested_at__isnull=True).exclude(document="")
    if rule.document_days is None:
        return rows
    return rows.exclude(pk__in=due_documents(rule, now).values("pk"))


def held_back(rule: RetentionRule, now: datetime) -> ExtractionQuerySet:
    """Old enough, but under a legal hold."""
    days = min(days for days in (rule.original_days, rule.document_days) if days is not None)
    return _older(rule, now - timedelta(days=days)).filter(held(), state__in=Extraction.AT_REST)


def _older(rule: RetentionRule, cutoff: datetime) -> ExtractionQuerySet:
    """Documents of the rule whose approval or last export lies before the cutoff."""
    # What was received after the cutoff cannot be old enough: this lets the index of the list do most of the work.
    rows = Extraction.objects.filter(team=rule.team_id, delete_requested_at__isnull=True, received_at__lte=cutoff)
    if rule.schema_id is not None:
        rows = rows.filter(schema__in=rule.schemas())
    else:
        rows = rows.exclude(schema__in=ruled_schemas(rule.team_id))
    if rule.since == Since.APPROVED:
        return rows.filter(review_state=Extraction.Review.APPROVED, approved_at__lte=cutoff)
    # Lines of the audit log are numbered as they come, so the last one before the cutoff divides the exports.
    last = Entry.objects.filter(at__lte=cutoff).order_by("-at", "-pk").values_list("pk", flat=True).first() or 0
    exports = ExportedDocument.objects.filter(extraction=OuterRef("pk"))
    return rows.filter(Exists(exports.filter(entry_number__lte=last)), ~Exists(exports.filter(entry_number__gt=last)))


def _apply(rule: RetentionRule) -> int:
    done = 0
    for step in (_erase_documents, _erase_originals):
        for _turn in range(MOST // BATCH):
            count = step(rule)
            done += count
            if not count:
                break
    return done


def _erase_documents(rule: RetentionRule) -> int:
    """Each in a transaction of its own, in which it is looked at once more."""
    due = due_documents(rule, clock.now())
    done = 0
    for extraction in due.defer(*LARGE_COLUMNS).order_by("received_at", "pk")[:BATCH]:
        with serialized_atomic():
            if _is_on(rule) and due.filter(pk=extraction.pk).exists():
                done += extraction.request_deletion(retention=True, through_trash=rule.through_trash)
    return done


def _erase_originals(rule: RetentionRule) -> int:
    """Asks for it; the next step of each document deletes at the service and here."""
    now = clock.now()
    due = due_originals(rule, now)
    numbers = list(due.order_by("received_at", "pk").values_list("pk", flat=True)[:BATCH])
    with serialized_atomic():
        if not numbers or not _is_on(rule):
            return 0
        still = list(due.filter(pk__in=numbers).values_list("pk", flat=True))
        return Extraction.objects.filter(pk__in=still).update(original_erasure_requested_at=now, next_try_at=now)


def _is_on(rule: RetentionRule) -> bool:
    """As it was when its documents were chosen."""
    same = {name: getattr(rule, name) for name in ("since", "original_days", "document_days", "enabled_at")}
    return RetentionRule.objects.filter(pk=rule.pk, enabled_at__isnull=False, **same).exists()
