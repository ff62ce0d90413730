"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    WELL = "well"
    UNWISE = "unwise"
    """It works, but will be regretted."""
    WRONG = "wrong"
    """Something does not work, or is not safe."""


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    level: Level
    sentence: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        return {"subject": self.subject, "level": self.level, "sentence": self.sentence, "remedy": self.remedy}


def well(subject: str, sentence: str) -> Finding:
    return Finding(subject, Level.WELL, sentence)


def unwise(subject: str, sentence: str, remedy: str = "") -> Finding:
    return Finding(subject, Level.UNWISE, sentence, remedy)


def wrong(subject: str, sentence: str, remedy: str = "") -> Finding:
    return Finding(subject, Level.WRONG, sentence, remedy)
