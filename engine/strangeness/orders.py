"""What has been ordered, and what has been accepted meanwhile."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from engine.models import MetadataEntry

KEY = "portal_key"


@dataclass
class Order:
    """A play by its name; `times` is None for ever."""

    name: str
    number: float | None = None
    times: int | None = None

    @classmethod
    def parse(cls, text: str, times: int | None = None) -> Order:
        name, _, number = text.strip().partition("=")
        return cls(name, float(number) if number else None, times)

    def __str__(self) -> str:
        number = "" if self.number is None else f"={self.number:g}"
        return f"{self.name}{number}" + ("" if self.times is None else f" ({self.times} times)")


class Standing:
    """The orders for coming requests, jobs and webhooks."""

    def __init__(self) -> None:
        self._orders: list[Order] = []
        self._lock = threading.Lock()

    def add(self, order: Order) -> None:
        with self._lock:
            self._orders.append(order)

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()

    def take(self, names: set[str]) -> list[Order]:
        """Those of these names; each is used up by one."""
        with self._lock:
            taken = [order for order in self._orders if order.name in names]
            for order in taken:
                order.times = None if order.times is None else order.times - 1
            self._orders = [order for order in self._orders if order.times is None or order.times > 0]
        return taken

    def __str__(self) -> str:
        with self._lock:
            return ", ".join(map(str, self._orders))


class Bound:
    """The orders for one document each. `binding` is held while a document comes in that has one."""

    def __init__(self) -> None:
        self.binding = threading.Lock()
        self._orders: dict[str, list[Order]] = {}

    def bind(self, extract: str, orders: list[Order]) -> None:
        self._orders[extract] = orders

    def take(self, extract: str) -> list[Order]:
        with self.binding:
            return self._orders.pop(extract, [])


standing, bound = Standing(), Bound()
_writing = threading.Lock()


def note_accepted(extract: dict[str, Any]) -> None:
    """Remember it beyond its deletion."""
    key = (extract.get("metadata") or {}).get(KEY)
    if key is not None:
        with _writing, _ledger().open("a") as ledger:
            ledger.write(json.dumps([key, extract["id"]]) + "\n")


def accepted() -> dict[str, int]:
    """How many documents came with each portal_key. The rows know even what a crash kept from the file."""
    ids: dict[str, set[str]] = defaultdict(set)
    for key, extract in MetadataEntry.objects.filter(key=KEY).values_list("value", "extract_id"):
        ids[key].add(str(extract))
    if _ledger().exists():
        for line in _ledger().read_text().splitlines():
            key, extract = json.loads(line)
            ids[key].add(extract)
    return {key: len(found) for key, found in ids.items()}


def _ledger() -> Path:
    return Path(settings.ENGINE_DATA_DIR) / "accepted.jsonl"
