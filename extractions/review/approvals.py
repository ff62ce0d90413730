"""How a first approval is withdrawn: it covers the values as its giver saw them. Approving is in `review_queue`."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from extractions.models import Change, Extraction
from portal.audit.models import Entry
from portal.audit.recording import Action, record
from portal.people.models import User

DECISIONS = (Action.APPROVED, Action.REJECTED, Action.REOPENED)


def withdraw_on_change(extraction: Extraction, change: Change) -> Change | None:
    """Withdraw the first approval because of this change; None if there was none."""
    if extraction.first_approved_by_id is None or change.author is None:
        return None
    return _withdraw(extraction, change.author, change.path)


@transaction.atomic
def withdraw(extraction: Extraction, person: User) -> bool:
    """Withdraw one's own first approval, so that somebody else can give it."""
    row = Extraction.objects.select_for_update(of=("self",)).get(pk=extraction.pk)
    if row.first_approved_by_id != person.pk or row.review_state not in (
        Extraction.Review.WAITING,
        Extraction.Review.POSTPONED,
    ):
        return False
    _withdraw(row, person, "")
    return True


def withdraw_on_move(extraction: Extraction, person: User) -> None:
    """A first approval counts only in the team that gave it, so moving the document withdraws it."""
    row = Extraction.objects.select_for_update(of=("self",)).get(pk=extraction.pk)
    open_ = row.review_state in (Extraction.Review.WAITING, Extraction.Review.POSTPONED)
    if open_ and row.first_approved_by_id is not None:
        _withdraw(row, person, "")
        extraction.assigned_to = None


def last_withdrawal(extraction: Extraction) -> Change | None:
    """The latest withdrawal, until somebody approves, rejects or reopens the document; for the review screen."""
    if extraction.last_changed_by_id is None or extraction.first_approved_by_id is not None:
        return None
    if extraction.review_state not in (Extraction.Review.WAITING, Extraction.Review.POSTPONED):
        return None
    rows = extraction.changes.filter(kind=Change.Kind.WITHDRAW).select_related("author")
    last = rows.order_by("-pk").first()
    if last is None or _decided_since(extraction, last):
        return None
    return last


def _decided_since(extraction: Extraction, withdrawal: Change) -> bool:
    """Relies on the audit entry of a withdrawal being written before its `Change`."""
    log = Entry.objects.about("extraction", str(extraction.key))
    return log.filter(action__in=DECISIONS, at__gt=withdrawal.at).exists()


def _withdraw(extraction: Extraction, person: User, path: str) -> Change:
    """The document goes back to the queue unassigned: whoever gave the approval may well give it again."""
    first = User.objects.get(pk=extraction.first_approved_by_id or 0)
    fields: dict[str, Any] = {"first_approved_by": None, "override_reason": "", "assigned_to": None}
    Extraction.objects.filter(pk=extraction.pk).update(**fields)
    for name, value in fields.items():
        setattr(extraction, name, value)
    details: Any = {"approval": first.get_short_name(), "field": path}
    record(Action.REOPENED, extraction, person=person, before={"first_approved_by": str(first)}, after={"field": path})
    return Change.objects.create(
        extraction=extraction, path="", author=person, kind=Change.Kind.WITHDRAW, before=details
    )
