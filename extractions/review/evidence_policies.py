"""A team's choice of how much may be wrong unseen: saving it, and what it would confirm of recent documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from extractions import clock, wakeup
from extractions.models import EvidencePolicy, Extraction, Value
from extractions.verification.evidence_policy import policy_for, threshold
from portal.audit.recording import Action, record
from portal.people.models import Team

LAST = 100
"""Documents that a preview looks at."""
OPEN = (Extraction.Review.WAITING, Extraction.Review.POSTPONED)


@dataclass(frozen=True, slots=True)
class Preview:
    """How many of the values that the service gave in recent documents a choice would confirm."""

    confirmed: int
    values: int

    @property
    def share(self) -> float:
        return self.confirmed / self.values if self.values else 0.0


@transaction.atomic
def save(team: Team, wrong_unseen: Decimal) -> bool:
    """Save the choice and have all documents that are open to review weighed again; False if nothing changed."""
    before = policy_for(team.pk)
    if before.pk is not None and before.wrong_unseen == wrong_unseen:
        return False
    policy, _made = EvidencePolicy.objects.update_or_create(team=team, defaults={"wrong_unseen": wrong_unseen})
    record(
        Action.SETTING, policy,
        before={"may be wrong unseen, in %": str(before.wrong_unseen)},
        after={"may be wrong unseen, in %": str(wrong_unseen)},
    )  # fmt: skip
    rows = Extraction.objects.filter(team=team, review_state__in=OPEN, deleted_at__isnull=True)
    rows.update(evidence_due_at=clock.now())
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return True


def previews(team: Team, choices: Sequence[Decimal]) -> list[Preview]:
    """One for each choice, over the team's last documents."""
    rows = Extraction.objects.filter(team=team, state=Extraction.State.EXTRACTED, delete_requested_at__isnull=True)
    last = list(rows.order_by("-received_at", "-pk").values_list("pk", flat=True)[:LAST])
    values = Value.objects.filter(extraction__in=last, confidence__isnull=False, removed=False)
    known = list(values.order_by().values_list("confidence", flat=True))
    least = [threshold(choice) for choice in choices]
    return [Preview(sum(sure >= at for sure in known if sure is not None), len(known)) for at in least]
