"""Which fault the next request meets: one that was injected, else one by chance, else none.

A fault is named as in `faults.FAULTS`, with a number where that matters: `accept_cut`, `late_cut:2.5`. As JSON:

    {"seed": 7, "faults": {"create": ["accept_502", "ok"]}, "rates": {"read": {"500": 0.05}},
     "job_seconds": [0.2, 1.0], "late_seconds": 2, "failing": 0.02, "failing_at": {"FR-2": 0.5}, "odd": 0.3,
     "stale": [60, 20], "webhook": "http://…", "webhook_delay": [0, 0.5]}

`failing` and `odd`: the share of documents that end as errors, and of those whose extracts look unusual.
`failing_at`: the share of documents that end as errors at a server.
`stale`: of each 60 seconds from now on, the search stands still for the first 20: it shows what it showed at their
beginning. Empty: it never does.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from tests.fake_api.faults import Fault, fault_named
from tests.fake_api.messages import Request

SETTINGS = {"stale", "job_seconds", "late_seconds", "failing", "failing_at", "odd", "webhook", "webhook_delay"}


class FaultPlan:
    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self._lock = threading.Lock()
        self._injected: dict[str, deque[Fault | str]] = {}
        self._standing: dict[str, Fault | str] = {}
        self.rates: dict[str, dict[str, float]] = {}
        self.random = random.Random(0)
        self.job_seconds: Sequence[float] | None = (0.2, 0.6)
        """None: no job ends by itself."""
        self.late_seconds = 2.0
        self.failing = 0.0
        self.failing_at: Mapping[str, float] = {}
        self.odd = 0.0
        self.stale: Sequence[float] = ()
        self.stale_from = 0.0
        self.webhook = ""
        self.webhook_delay: Sequence[float] = (0.0, 0.5)
        self.update(settings or {})

    def update(self, settings: Mapping[str, Any]) -> None:
        """Take over what is named; faults are put behind those that are waiting."""
        settings = dict(settings)
        for kind, labels in settings.pop("faults", {}).items():
            self.inject(kind, *labels)
        for kind, rates in settings.pop("rates", {}).items():
            for label in rates:
                fault_named(kind, label)
            self.rates[kind] = dict(rates)
        if (seed := settings.pop("seed", None)) is not None:
            self.random = random.Random(seed)
        if "stale" in settings:
            self.stale_from = time.time()
        for name, value in settings.items():
            if name not in SETTINGS:
                raise ValueError(f"No setting is named {name!r}; there are: {', '.join(sorted(SETTINGS))}.")
            setattr(self, name, value)

    def inject(self, target: str, *faults: Fault | str, times: int | None = 1) -> None:
        """Let the next requests of a kind, or the next reads of paths that start so, meet these faults in turn.

        `times` repeats the series. None: the fault stands until it is cleared, and gives way to those with a number.
        """
        if not target.startswith("/"):
            for fault in faults:
                if isinstance(fault, str):
                    fault_named(target, fault)
        with self._lock:
            if times is None:
                (self._standing[target],) = faults
            else:
                self._injected.setdefault(target, deque()).extend(faults * times)

    def clear(self) -> None:
        """Forget what was injected."""
        with self._lock:
            self._injected.clear()
            self._standing.clear()

    def next(self, kind: str, request: Request | None = None) -> tuple[str, Fault]:
        """The name and the fault for this request."""
        with self._lock:
            chosen = self._choose(kind, request)
        if isinstance(chosen, Fault):
            return "injected", chosen
        return chosen, fault_named(kind, chosen)

    def _choose(self, kind: str, request: Request | None) -> Fault | str:
        paths = [target for target in (*self._injected, *self._standing) if target.startswith("/")]
        read = request.path if request is not None and request.method == "GET" else ""
        targets = [*(path for path in paths if read.startswith(path)), kind]
        for target in targets:
            if waiting := self._injected.get(target):
                return waiting.popleft()
        for target in targets:
            if target in self._standing:
                return self._standing[target]
        chance = self.random.random()
        for label, rate in self.rates.get(kind, {}).items():
            chance -= rate
            if chance < 0:
                return label
        return "ok"

    def search_shows_until(self, now: float) -> float:
        """The moment whose documents the search shows: now, but for a search that stands still."""
        if not self.stale:
            return now
        period, length = self.stale
        phase = (now - self.stale_from) % period
        return now - phase if phase < length else now

    def chance(self, probability: float) -> bool:
        with self._lock:
            return self.random.random() < probability

    def between(self, ends: Sequence[float]) -> float:
        with self._lock:
            return self.random.uniform(*ends)
