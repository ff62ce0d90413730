"""What was accepted and will be charged: the only judge of "paid twice"."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One accepted document."""

    at: float
    portal_key: str
    sha256: str
    size: int
    id: str


class Ledger:
    """A line of JSON per accepted document, on disk before anything else happens with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def write(self, *, portal_key: str, sha256: str, size: int, id: str) -> Entry:
        entry = Entry(time.time(), portal_key, sha256, size, id)
        with self._lock, self.path.open("ab") as file:
            file.write(json.dumps(asdict(entry)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return entry

    def entries(self) -> list[Entry]:
        return [Entry(**json.loads(line)) for line in self.path.read_text().splitlines()]

    def times_paid(self) -> Counter[str]:
        """How often each document was charged, by the hash of its bytes."""
        return Counter(entry.sha256 for entry in self.entries())
