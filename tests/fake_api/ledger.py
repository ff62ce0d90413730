"""What was accepted and will be charged: it alone decides what was paid twice."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Charge:
    """One accepted document."""

    at: float
    portal_key: str
    sha256: str
    size: int
    id: str


class Ledger:
    """A line of JSON per accepted document, on disk before anything else happens with it. Without a path, in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._charges: list[Charge] = []
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def record(self, *, portal_key: str, sha256: str, size: int, id: str) -> Charge:
        charge = Charge(time.time(), portal_key, sha256, size, id)
        with self._lock:
            if self.path is None:
                self._charges.append(charge)
                return charge
            with self.path.open("ab") as file:
                file.write(json.dumps(asdict(charge)).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        return charge

    def charges(self) -> list[Charge]:
        if self.path is None:
            return list(self._charges)
        return [Charge(**json.loads(line)) for line in self.path.read_text().splitlines()]

    def times_paid(self) -> Counter[str]:
        """How often each document was charged, by the hash of its bytes."""
        return Counter(charge.sha256 for charge in self.charges())
