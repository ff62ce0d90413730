"""A team's policy on second approvals for a schema: saving it, and previewing it on recent documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from extractions.models import Extraction, Schema, SecondPersonPolicy
from extractions.review.rules import reevaluate_waiting
from extractions.verification.second_person import in_share, is_above, received_before
from portal.audit.recording import Action, record
from portal.people.models import Team

LAST = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """How many of the last documents a policy would have caught."""

    caught: int
    documents: int


def policy_for(schema: Schema, team: Team) -> SecondPersonPolicy:
    """The stored policy, else an unsaved one that never requires a second person."""
    found = SecondPersonPolicy.objects.filter(schema=schema, team=team).first()
    return found or SecondPersonPolicy(schema=schema, team=team)


@transaction.atomic
def save(policy: SecondPersonPolicy) -> bool:
    """Save the policy and have all waiting documents evaluated again; False if nothing changed."""
    before = facts_of(policy_for(policy.schema, policy.team))
    after = facts_of(policy)
    changed = {name for name in before if before[name] != after[name]}
    if not changed:
        return False
    settings = {"above": policy.above, "first": policy.first, "share": policy.share}
    kept, _made = SecondPersonPolicy.objects.update_or_create(
        schema=policy.schema, team=policy.team, defaults=settings
    )  # fmt: skip
    record(
        Action.SETTING, kept,
        before={name: before[name] for name in before if name in changed},
        after={name: after[name] for name in after if name in changed},
    )  # fmt: skip
    reevaluate_waiting(policy.schema_id, policy.team_id)
    return True


def preview(policy: SecondPersonPolicy) -> Preview:
    """Apply the policy to the team's last documents of the schema, by their current amounts."""
    rows = Extraction.objects.filter(
        schema=policy.schema_id, team=policy.team_id, state=Extraction.State.EXTRACTED,
        delete_requested_at__isnull=True,
    )  # fmt: skip
    names = ("pk", "key", "amount", "received_at", "schema", "team")
    last = list(rows.order_by("-received_at", "-pk").only(*names)[:LAST])
    # Count what came before the oldest of them once; the others follow by their position.
    rank = received_before(last[-1], policy.first) if last and policy.first else 0
    caught = 0
    for number, row in enumerate(reversed(last)):
        early = rank + number < policy.first
        caught += early or is_above(policy, row.amount) or in_share(policy, row.key)
    return Preview(caught, len(last))


def facts_of(policy: SecondPersonPolicy) -> Mapping[str, str]:
    """The settings as the audit log shows them."""
    return {
        "amounts above": "never" if policy.above is None else f"{_plain(Decimal(policy.above)):,f}",
        "the first documents": str(policy.first),
        "share in %": str(policy.share),
    }


def _plain(number: Decimal) -> Decimal:
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
