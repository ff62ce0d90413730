"""What judging one document may cost, in steps and not in seconds: the same document always ends the same."""

from __future__ import annotations

from dataclasses import dataclass

STEPS_OF_DOCUMENT = 400_000
"""About half a second."""
STEPS_OF_RULE = 100_000


class Exhausted(Exception):
    """The rule has used up its steps."""


@dataclass(slots=True)
class Budget:
    """Steps that are left: of the document, and of the rule that is being judged."""

    left: int = STEPS_OF_DOCUMENT
    left_of_rule: int = STEPS_OF_RULE

    def next_rule(self) -> None:
        self.left_of_rule = min(self.left, STEPS_OF_RULE)

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        self.left_of_rule -= steps
        if self.left < 0 or self.left_of_rule < 0:
            raise Exhausted
