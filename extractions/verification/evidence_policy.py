"""How sure evidence must be to confirm a value, by the team's policy."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

from extractions.models.evidence import EvidencePolicy
from extractions.models.extraction import Extraction
from extractions.models.parts import Value

HUNDRED = Decimal(100)


def policy_for(team: int) -> EvidencePolicy:
    """The team's policy; an unsaved one with the usual figures if it has none."""
    return EvidencePolicy.objects.filter(team=team).first() or EvidencePolicy(team_id=team)


def threshold(wrong_unseen: Decimal) -> float:
    """The confidence from which so many of a hundred are wrong at most."""
    return float(1 - wrong_unseen / HUNDRED)


class Threshold:
    """The confidence from which evidence confirms a value of the document; read when first needed."""

    def __init__(self, extraction: Extraction) -> None:
        self._team = extraction.team_id

    @cached_property
    def least(self) -> float:
        return threshold(policy_for(self._team).wrong_unseen)

    def confirms(self, value: Value) -> bool:
        return value.confidence is not None and value.confidence >= self.least
