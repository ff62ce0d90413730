"""How long each client has kept the web threads lately."""

from __future__ import annotations

MAX_CLIENTS = 10_000


class RecentUse:
    """Seconds of threads by client, which halve every `half_life` seconds. Not thread-safe."""

    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._seconds: dict[str, tuple[float, float]] = {}  # with the time of the last change, latest last

    def add(self, client: str, seconds: float, now: float) -> None:
        total = self.of(client, now) + seconds
        self._seconds.pop(client, None)
        self._seconds[client] = total, now
        if len(self._seconds) > MAX_CLIENTS:
            del self._seconds[next(iter(self._seconds))]

    def of(self, client: str, now: float) -> float:
        seconds, since = self._seconds.get(client, (0.0, now))
        return float(seconds * 0.5 ** ((now - since) / self._half_life))
