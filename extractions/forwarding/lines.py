"""Threads that one connection of a team, or of the site, has to itself: a slow service holds up nobody else's."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator

from django.conf import settings

from extractions.forwarding.chores import Chores
from extractions.forwarding.lanes import Lane
from extractions.models import Connection

ASKING_THREADS = 2


class Line:
    def __init__(self, when_done: Callable[[], object]) -> None:
        self.sending = Lane("send", max(2, settings.WORKER_THREADS // 4), when_done)
        self.asking = Lane("ask", ASKING_THREADS, when_done)
        self.keeping = Lane("keep", 1, when_done)
        self.chores = Chores(self.keeping)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return self.sending, self.asking, self.keeping


class Lines:
    """One for each connection that is served; opened when it is there, closed when it is not."""

    def __init__(self, when_done: Callable[[], object]) -> None:
        self._when_done = when_done
        self._lines: dict[int, Line] = {}

    def of(self, served: Collection[Connection]) -> Iterator[tuple[Connection, Line]]:
        gone = self._lines.keys() - {connection.pk for connection in served}
        for pk in gone:
            for lane in self._lines.pop(pk).lanes:
                lane.close(time.monotonic())
        for connection in served:
            if connection.pk not in self._lines:
                self._lines[connection.pk] = Line(self._when_done)
            yield connection, self._lines[connection.pk]

    @property
    def lanes(self) -> list[Lane]:
        return [lane for line in self._lines.values() for lane in line.lanes]
