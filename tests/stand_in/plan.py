"""What the stand-in does with the next request: in order, else by chance, else what is right.

A behaviour is a word, or a word and a number: `accept_cut`, `late_cut:2.5`. The kinds of request are "create", "read",
"list", "delete", "schemas", "file". As JSON:

    {"seed": 7, "orders": {"create": ["accept_502", "ok"]}, "rates": {"read": {"500": 0.05}},
     "job_seconds": [0.2, 1.0], "late_seconds": 2, "failing": 0.02, "odd": 0.3, "webhook": "http://…"}
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Course:
    """How a request goes. What is accepted: at once, late or not; and in which manner the answer is given."""

    accept: str = "now"
    status: int = 201
    manner: str = "plain"
    shown: str = "now"


_REFUSALS = (400, 401, 404, 405, 408, 409, 413, 415, 422, 425, 429, 500, 502, 503, 504, 301, 302, 307, 308)
CREATES = {
    "ok": Course(),
    "accept_200": Course(status=200),
    "accept_202": Course(status=202),
    "accept_cut": Course(manner="cut"),
    "accept_half": Course(manner="half"),
    "accept_hang": Course(manner="hang"),
    "accept_drip": Course(manner="drip"),
    "accept_bomb": Course(manner="bomb"),
    "accept_html": Course(manner="html"),
    "accept_no_id": Course(manner="no_id"),
    "accept_list": Course(status=200, manner="list"),
    "late_ok": Course(accept="late", manner="after"),
    "late_cut": Course(accept="late", manner="cut"),
    "late_502": Course(accept="late", status=502, manner="html"),
    "hidden_cut": Course(shown="late", manner="cut"),
    "hidden_ok": Course(shown="late"),
    "no_cut": Course(accept="no", manner="cut"),
    "no_hang": Course(accept="no", manner="hang"),
    "401_as_502": Course(accept="no", status=502, manner="html"),
    "403_fields": Course(accept="no", status=403, manner="fields"),
    "403_detail": Course(accept="no", status=403),
    "400_fields": Course(accept="no", status=400, manner="fields"),
    "429_slow": Course(accept="no", status=429, manner="retry_after"),
    **{f"accept_{status}": Course(status=status, manner="html") for status in (500, 502, 503, 504, 408, 409, 425)},
    **{f"no_{status}": Course(accept="no", status=status) for status in _REFUSALS},
}
READS = {
    "ok": Course(status=200),
    "cut": Course(manner="cut"),
    "half": Course(status=200, manner="half"),
    "hang": Course(manner="hang"),
    "drip": Course(status=200, manner="drip"),
    "bomb": Course(status=200, manner="bomb"),
    "html": Course(status=200, manner="html"),
    "not_ready": Course(status=202, manner="empty"),
    "429_slow": Course(status=429, manner="retry_after"),
    "lie_empty": Course(status=200, manner="lie_empty"),
    "lie_everything": Course(status=200, manner="lie_everything"),
    "endless": Course(status=200, manner="endless"),
    "unknown_status": Course(status=200, manner="unknown_status"),
    **{str(status): Course(status=status, manner="html") for status in (500, 502, 503, 504)},
    **{str(status): Course(status=status) for status in (301, 302, 307, 400, 401, 403, 404)},
}
DELETES = READS | {"ok": Course(status=204, manner="empty"), "200": Course(status=200), "202": Course(status=202)}
"""A delete that is answered with an error or not at all is done or left undone by the toss of a coin."""
WISHES = {"job_seconds", "late_seconds", "failing", "odd", "webhook", "webhook_delay", "webhook_lost"}
COURSES: dict[str, dict[str, Course]] = {"create": CREATES, "delete": DELETES}


class Plan:
    def __init__(self, wish: Mapping[str, Any] | None = None) -> None:
        self._lock = threading.Lock()
        self.orders: dict[str, deque[str]] = {}
        self.rates: dict[str, dict[str, float]] = {}
        self.random = random.Random(0)
        self.job_seconds: Sequence[float] = (0.2, 0.6)
        self.late_seconds = 2.0
        self.failing = 0.0
        self.odd = 0.0
        self.webhook = ""
        self.webhook_delay: Sequence[float] = (0.0, 0.5)
        self.webhook_lost = 0.1
        self.add(wish or {})

    def add(self, wish: Mapping[str, Any]) -> None:
        """Take over what the wish names; orders are put behind those that are waiting."""
        wish = dict(wish)
        with self._lock:
            if (seed := wish.pop("seed", None)) is not None:
                self.random = random.Random(seed)
            for kind, words in wish.pop("orders", {}).items():
                self.orders.setdefault(kind, deque()).extend(words)
            for kind, rates in wish.pop("rates", {}).items():
                self.rates[kind] = dict(rates)
            for name, value in wish.items():
                if name not in WISHES:
                    raise ValueError(f"The stand-in knows no {name}.")
                setattr(self, name, value)
        for kind in {*self.orders, *self.rates}:
            for word in {*self.orders.get(kind, ()), *self.rates.get(kind, ())}:
                self.course(kind, word)

    def next(self, kind: str) -> tuple[str, Course, float | None]:
        """The word, the course and the number for the next request of this kind."""
        with self._lock:
            word = self._choose(kind)
        return word, *self.course(kind, word)

    def _choose(self, kind: str) -> str:
        if waiting := self.orders.get(kind):
            return waiting.popleft()
        chance = self.random.random()
        for word, rate in self.rates.get(kind, {}).items():
            chance -= rate
            if chance < 0:
                return word
        return "ok"

    @staticmethod
    def course(kind: str, word: str) -> tuple[Course, float | None]:
        name, _, number = word.partition(":")
        argument = float(number) if number else None
        if kind == "create" and name in {"early", "cut_at"}:
            return Course(accept="no", status=int(argument or 0), manner=name), argument
        return COURSES.get(kind, READS)[name], argument

    def chance(self, probability: float) -> bool:
        with self._lock:
            return self.random.random() < probability

    def between(self, ends: Sequence[float]) -> float:
        with self._lock:
            return self.random.uniform(*ends)
