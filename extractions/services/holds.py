"""Legal holds: placing and releasing them, each with a reason that stays in the audit log."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from extractions import clock, wakeup
from extractions.models import Extraction, LegalHold, end_guest_access
from portal.audit.recording import Action, record
from portal.people.models import Team, User


def clean_reason(text: str) -> str:
    return " ".join(text.split())[: LegalHold.REASON_LENGTH]


def place(extraction: Extraction, reason: str, person: User) -> bool:
    """False if it is under a hold for this reason already, or was erased or moved meanwhile.

    The document's lock puts the hold before or after its erasure and its move.
    """
    try:
        with transaction.atomic():
            rows = Extraction.objects.select_for_update(of=("self",)).filter(pk=extraction.pk, deleted_at__isnull=True)
            if rows.filter(team=extraction.team_id).values_list("pk").first() is None:
                return False
            LegalHold.objects.create(extraction=extraction, reason=reason, placed_by=person, placed_at=clock.now())
            end_guest_access(extraction)
            record(Action.HELD, extraction, after={"reason": reason})
    except IntegrityError:
        return False
    return True


def release(hold: LegalHold, reason: str, person: User) -> bool:
    """False if it was released already. What waited for the release goes on."""
    with transaction.atomic():
        rows = LegalHold.objects.filter(pk=hold.pk, released_at__isnull=True)
        if not rows.update(released_at=clock.now(), released_by=person, release_reason=reason):
            return False
        record(Action.RELEASED, hold.extraction, before={"hold": hold.reason}, after={"reason": reason})
        erasing = Extraction.objects.filter(
            pk=hold.extraction_id, delete_requested_at__isnull=False, erase_due_at__isnull=True, deleted_at__isnull=True
        )
        erasing.filter(next_try_at__isnull=False).update(next_try_at=clock.now())
        transaction.on_commit(wakeup.notify_workers, robust=True)
    return True


def holds_on(extraction: Extraction) -> QuerySet[LegalHold]:
    """Open ones first, newest first."""
    return extraction.holds.select_related("placed_by", "released_by").order_by("released_at", "-pk")


def open_holds_of(team: Team) -> QuerySet[LegalHold]:
    rows = LegalHold.objects.filter(extraction__team=team, released_at__isnull=True)
    related = rows.select_related("placed_by", "extraction").order_by("reason", "-pk")
    return related.only("reason", "placed_at", "placed_by", "extraction__name", "extraction__key", "extraction__team",
                        "extraction__delete_requested_at", "extraction__erase_due_at")  # fmt: skip
