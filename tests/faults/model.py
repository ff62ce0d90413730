"""The API as a model without sockets, a clock that moves on command, senders that stop wherever they could be lost."""

from __future__ import annotations

import json
import queue
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.db import connection as database
from django.utils import timezone
from requests.structures import CaseInsensitiveDict

from extractions import clock
from extractions.forwarding.api.multipart import GatedMultipartBody
from extractions.forwarding.api.reply import Reply

SHOWN_WITHIN = 110.0
"""Seconds after the end of a document was released within which a service shows it, if it took it."""


class Clock:
    """Stands still until it is moved. The wall clock and the monotonic one go together."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.passed = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    def move(self, seconds: float) -> None:
        self.passed += seconds


class Killed(BaseException):
    """The process is gone: nothing after this point happens."""


class Actor:
    """A thread that runs one piece of work and stops at every `pause`, so that exactly one thread runs at a time."""

    mine = threading.local()

    def __init__(self, key: str, work: Callable[[], object]) -> None:
        self.key = key
        self.at = ""
        self.lease = 0
        self.fate: Fate | None = None
        self.error: BaseException | None = None
        self._work = work
        self._commands: queue.Queue[Any] = queue.Queue()
        self._places: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.at = self._places.get(timeout=30)

    @property
    def ended(self) -> bool:
        return self.at == "end"

    def go(self, command: Any = None) -> None:
        """Let it run to its next pause, or to its end."""
        self._commands.put(command)
        self.at = self._places.get(timeout=30)
        if self.error is not None:
            raise self.error

    def kill(self) -> None:
        if not self.ended:
            self.go(Killed())

    def _run(self) -> None:
        Actor.mine.actor = self
        try:
            self._work()
        except Killed:
            pass
        except BaseException as error:
            self.error = error
        finally:
            database.close()
            self._places.put("end")

    @classmethod
    def pause(cls, place: str) -> Any:
        """Called by the work; what the machine ordered. Work that runs without an actor does not pause."""
        actor = getattr(cls.mine, "actor", None)
        if actor is None:
            return None
        actor._places.put(place)
        command = actor._commands.get()
        if isinstance(command, Killed):
            raise command
        return command


@dataclass
class Taken:
    """One document that the service took and charged."""

    id: str
    key: str
    at: datetime
    shown_at: datetime
    deleted: bool = False


@dataclass
class Fate:
    """What becomes of a complete form: taken after a while and shown after a while, or not taken."""

    taken: Taken | None
    released_at: datetime


@dataclass
class Service:
    clock: Clock
    blind: bool = False
    """Its search finds nothing, ever."""
    chatty: bool = False
    """Its search answers with everything."""
    down: bool = False
    accepted: list[Taken] = field(default_factory=list)
    coming_fate: tuple[bool, float, float] = (True, 0.0, 0.0)
    followed: int = 0
    finishes: bool = True

    @staticmethod
    def on_release(key: str) -> None:
        """Called when the last byte of a document has left."""

    def exchange(self, method: str, path: str, params: Any, form: GatedMultipartBody | None) -> Reply:
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()} | (params or {})
        if form is not None:
            return self._receive(form)
        if self.down:
            raise requests.ConnectionError("the service is away")
        parts = url.path.strip("/").split("/")
        if parts == ["extract"]:
            return self._search(query)
        taken = next((item for item in self.accepted if item.id == parts[-1] and self._exists(item)), None)
        if taken is None:
            return reply(404, {"detail": "No Extract matches the given query."})
        if method == "DELETE":
            taken.deleted = True
            return reply(204, None)
        return reply(200, self._object(taken))

    def _receive(self, form: GatedMultipartBody) -> Reply:
        """Take the form block by block; the last block comes only when the gate has let it go."""
        Actor.pause("connected")
        body = b""
        for block in form:
            body += block
            if not form.released:
                Actor.pause("chunk")
        assert body.endswith(b"--\r\n")
        key = portal_key(body)
        self.on_release(key)
        fate = self._decide(key)
        Actor.mine.actor.fate = fate
        return self._answer(Actor.pause("sent"), fate)

    def _decide(self, key: str) -> Fate:
        takes, accept_after, show_after = self.coming_fate
        now = self.clock.now()
        if not takes:
            return Fate(None, now)
        at = now + timedelta(seconds=accept_after)
        taken = Taken(str(uuid.uuid4()), key, at, at + timedelta(seconds=show_after))
        self.accepted.append(taken)
        return Fate(taken, now)

    def _answer(self, command: Any, fate: Fate) -> Reply:
        if command == "cut":
            raise requests.ConnectionError("the line was cut")
        if command == "accepted":
            assert fate.taken is not None
            return reply(201, self._object(fate.taken))
        if command == "garbage":
            return reply(201, {"thanks": True})
        return reply(command, {"detail": f"said {command}"}, location="/elsewhere/" if 300 <= command < 400 else "")

    def _exists(self, taken: Taken) -> bool:
        return not taken.deleted and taken.at <= self.clock.now()

    def _search(self, query: dict[str, Any]) -> Reply:
        wanted = query.get("meta_value") or query.get("search")
        shown = [item for item in self.accepted if self._exists(item) and item.shown_at <= self.clock.now()]
        if self.blind:
            shown = []
        if not self.chatty and wanted:
            shown = [item for item in shown if item.key == wanted]
        return reply(200, {"count": len(shown), "next": None, "results": [self._object(item) for item in shown]})

    def _object(self, taken: Taken) -> dict[str, Any]:
        status = "FINISHED" if self.finishes and self.clock.now() > taken.at + timedelta(seconds=30) else "IN_PROGRESS"
        return {
            "id": taken.id,
            "status": status,
            "content_images": [],
            "content": "text",
            "extracted_data": {"total": 1},
            "metadata": {"portal_key": taken.key},
            "created_at": taken.at.isoformat(),
        }


def reply(status: int, body: Any, *, location: str = "") -> Reply:
    headers = CaseInsensitiveDict({"Location": location} if location else {})
    return Reply(status, headers, json.dumps(body).encode() if body is not None else b"")


def portal_key(body: bytes) -> str:
    start = body.index(b"{", body.index(b'name="metadata"'))
    return str(json.loads(body[start : body.index(b"\r\n", start)])["portal_key"])


def install(patch: Any, service: Callable[[], Service]) -> None:
    """Let the real forwarding speak to the model and live by its clock."""
    from extractions.forwarding.api.transport import Transport
    from extractions.forwarding.steps import send_attempt

    def exchange(self: Transport, method: str, path: str, deadline: object, **options: Any) -> Reply:
        return service().exchange(method, path, options.get("params"), options.get("data"))

    class Time:
        @staticmethod
        def monotonic() -> float:
            return service().clock.monotonic()

    patch.setattr(Transport, "exchange", exchange)
    patch.setattr(send_attempt, "time", Time)
    for module in (timezone, clock):
        patch.setattr(module, "now", lambda: service().clock.now())
