"""A team's choice of when two documents are the same invoice."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from extractions.models import DuplicateInvoicePolicy
from extractions.verification.duplicate_invoices import policy_for
from portal.audit.recording import Action, record
from portal.people.models import Team

SETTINGS = {
    "enabled": "the same invoice in other files",
    "months": "months between them",
    "amount": "difference of the amounts",
    "days": "days between the dates",
}


@transaction.atomic
def save(team: Team, chosen: Mapping[str, object]) -> bool:
    """It holds at once: documents are compared when they are looked at. False if nothing changed."""
    before = policy_for(team.pk)
    changed = [name for name in SETTINGS if getattr(before, name) != chosen[name]]
    if not changed:
        return False
    settings = {name: chosen[name] for name in SETTINGS}
    policy, _made = DuplicateInvoicePolicy.objects.update_or_create(team=team, defaults=settings)
    record(
        Action.SETTING, policy,
        before={SETTINGS[name]: _plain(getattr(before, name)) for name in changed},
        after={SETTINGS[name]: _plain(chosen[name]) for name in changed},
    )  # fmt: skip
    return True


def _plain(setting: object) -> object:
    return setting if isinstance(setting, bool) else str(setting)
