"""The form of a specimen: a document as its rows, with what is asked and what is right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Specimen:
    name: str
    rows: tuple[str, ...]
    questions: tuple[tuple[str, str, Any], ...]

    @property
    def properties(self) -> dict[str, Any]:
        return {name: _property(description, answer) for name, description, answer in self.questions}

    @property
    def answers(self) -> dict[str, Any]:
        return {name: answer for name, _, answer in self.questions}


def _property(description: str, answer: Any) -> dict[str, Any]:
    kind = {bool: "boolean", float: "number", list: "array"}.get(type(answer), "string")
    found: dict[str, Any] = {"type": kind, "description": description}
    if kind == "array":
        found["items"] = {"type": "string"}
    if isinstance(answer, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", answer):
        found["format"] = "date"
    return found
