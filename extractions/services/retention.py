"""Retention rules of a team: changed, previewed, switched on and off, each step in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from extractions import clock, wakeup
from extractions.forwarding.steps import retention
from extractions.models import Extraction, ExtractionQuerySet, RetentionRule, TestDocument
from extractions.models.extraction_queryset import LARGE_COLUMNS
from portal.audit.recording import Action, record
from portal.people.models import Team, User

FIELDS = ("schema", "since", "original_days", "document_days", "through_trash")
SAMPLES = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would erase today if it were on. Samples are the oldest, with what would be erased of each."""

    documents: int
    originals: int
    held: int
    tested: int
    samples: Sequence[tuple[Extraction, bool]]

    @property
    def erases(self) -> bool:
        return bool(self.documents or self.originals)


class MoreByNow(Exception):
    """More would be erased than the person has seen."""


def rules_of(team: Team) -> QuerySet[RetentionRule]:
    """The one for all others last."""
    rows = RetentionRule.objects.filter(team=team).select_related("schema", "enabled_by")
    return rows.defer("schema__schema").order_by(F("schema__name").asc(nulls_last=True), "pk")


def preview(rule: RetentionRule) -> Preview:
    now = clock.now()
    documents, originals = retention.due_documents(rule, now), retention.due_originals(rule, now)
    whole, only_originals = _oldest(documents), _oldest(originals)
    samples = [(row, True) for row in whole] + [(row, False) for row in only_originals]
    return Preview(
        documents=documents.count(),
        originals=originals.count(),
        held=retention.held_back(rule, now).count(),
        tested=TestDocument.objects.filter(extraction__in=originals.values("pk")).count(),
        samples=sorted(samples, key=lambda sample: sample[0].received_at)[:SAMPLES],
    )


def _oldest(rows: ExtractionQuerySet) -> list[Extraction]:
    return list(rows.defer(*LARGE_COLUMNS).select_related("schema").order_by("received_at", "pk")[:SAMPLES])


@transaction.atomic
def save(rule: RetentionRule) -> bool:
    """A rule that was changed is off until somebody has seen what it would erase now."""
    before = RetentionRule.objects.select_related("schema").filter(pk=rule.pk).first()
    was, now = (_facts(before) if before else None), _facts(rule)
    if was == now:
        return False
    rule.enabled_at = rule.enabled_by = None
    rule.save()
    record(Action.SETTING, rule, before=was, after=now | ({"enabled": False} if before and before.enabled else {}))
    return True


@transaction.atomic
def switch_on(rule: RetentionRule, person: User, *, documents: int, originals: int) -> bool:
    """The numbers are those that the person has seen. Raises `MoreByNow` if more would be erased."""
    rule = RetentionRule.objects.select_for_update(of=("self",)).select_related("team").get(pk=rule.pk)
    if rule.enabled:
        return False
    there = preview(rule)
    if there.documents > documents or there.originals > originals:
        raise MoreByNow
    RetentionRule.objects.filter(pk=rule.pk).update(enabled_at=clock.now(), enabled_by=person)
    record(Action.SETTING, rule, before={"enabled": False}, after={"enabled": True})
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return True


@transaction.atomic
def switch_off(rule: RetentionRule) -> bool:
    """What it has begun goes on: documents in the trash can be restored, originals are gone within minutes."""
    if not RetentionRule.objects.filter(pk=rule.pk, enabled_at__isnull=False).update(enabled_at=None, enabled_by=None):
        return False
    record(Action.SETTING, rule, before={"enabled": True}, after={"enabled": False})
    return True


@transaction.atomic
def remove(rule: RetentionRule) -> None:
    record(Action.SETTING, rule, before=_facts(rule))
    rule.delete()


def _facts(rule: RetentionRule) -> dict[str, Any]:
    facts = {name: getattr(rule, name) for name in FIELDS if name != "schema"}
    return {"schema": str(rule), **facts}
