"""A record of what came and of what was done, for counting afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.fake_api.multipart import Part


@dataclass
class RecordedRequest:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    parts: list[Part] = field(default_factory=list)
    """Of an upload, as soon as it has come."""


class Entry(NamedTuple):
    at: float
    kind: str
    label: str
    subject: str


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.entries: list[Entry] = []
        self.requests: list[RecordedRequest] = []

    def record(self, kind: str, label: str, subject: str = "") -> None:
        with self._lock:
            self.entries.append(Entry(time.time(), kind, label, subject))

    def count(self, kind: str, label: str = "", subject: str = "") -> int:
        with self._lock:
            entries = list(self.entries)
        return sum(
            entry.kind == kind and label in ("", entry.label) and subject in ("", entry.subject) for entry in entries
        )

    def summary(self) -> dict[str, Any]:
        """Counts by kind, by kind and fault, and of webhooks; the entries themselves for a closer look."""
        with self._lock:
            entries = list(self.entries)
        faults = (entry for entry in entries if entry.kind not in {"accepted", "webhook"})
        return {
            "kinds": Counter(entry.kind for entry in entries),
            "faults": Counter(f"{entry.kind} {entry.label}" for entry in faults),
            "webhooks": Counter(entry.label for entry in entries if entry.kind == "webhook"),
            "entries": entries,
        }
