"""What came and what was done, for counting afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.lines: list[tuple[float, str, str, str]] = []

    def add(self, kind: str, word: str, about: str = "") -> None:
        with self._lock:
            self.lines.append((time.time(), kind, word, about))

    def count(self, kind: str, word: str = "", about: str = "") -> int:
        with self._lock:
            lines = list(self.lines)
        return sum(
            line_kind == kind and word in ("", line_word) and about in ("", line_about)
            for _, line_kind, line_word, line_about in lines
        )

    def summary(self) -> dict[str, Any]:
        """Counts by kind, by kind and word; the lines themselves for whoever wants to look closer."""
        with self._lock:
            lines = list(self.lines)
        return {
            "kinds": Counter(kind for _, kind, _, _ in lines),
            "words": Counter(f"{kind} {word}" for _, kind, word, _ in lines if kind not in {"accepted", "webhook"}),
            "webhooks": Counter(word for _, kind, word, _ in lines if kind == "webhook"),
            "lines": lines,
        }
