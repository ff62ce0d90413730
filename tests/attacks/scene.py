"""The running product before an attack, and what others see of it meanwhile."""

from __future__ import annotations

import http.client
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from tests.faults.processes import sentences
from tests.migrated import copy_migrated_database
from tests.running import ROOT, RunningPortal, wait_for

SECRET = "s" * 32
UNREACHABLE = "http://127.0.0.1:9"
"""In place of the extraction API: nothing is sent, and no engine takes processor time."""
PATIENCE_FOR_A_PAGE = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: no answer, and `text` says how it failed."""

    status: int
    text: str
    seconds: float

    @property
    def sentence(self) -> str:
        """What a person reads: the plain text, the error in JSON, or the alerts of the page."""
        text = self.text.strip()
        if text.startswith("{"):
            return str(json.loads(text).get("error", ""))[:200]
        if "<" not in text:
            return text[:200]
        return unescape(sentences(text))[:200]


@dataclass
class Prepared:
    """A data folder with an attacker, an observer and their documents. Starts take seconds, this takes longer."""

    folder: Path
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        environment = os.environ | self.environment()
        copy_migrated_database(self.folder / "portal.sqlite3")
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
        world = [sys.executable, "-m", "tests.attacks._world"]
        told = subprocess.run(world, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        self.facts = json.loads(told.stdout.splitlines()[-1])

    def environment(self) -> dict[str, str]:
        return {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": f"sqlite:///{self.folder}/portal.sqlite3",
            "ANESYA_BASE_URL": UNREACHABLE,
            "ANESYA_API_KEY": "key",
            "LOG_LEVEL": "ERROR",
        }


class Scene:
    """`manage.py up`, with web and worker."""

    def __init__(self, prepared: Prepared) -> None:
        self.facts = prepared.facts
        self.portal = RunningPortal(prepared.folder, **prepared.environment())
        host, port = self.portal.root.removeprefix("http://").split(":")
        self.address = (host, int(port))
        self.web = wait_for(lambda: self.portal.children()[:1])[0]

    def cookie(self, session: str) -> str:
        return f"Cookie: sessionid={session}; csrftoken={SECRET}"

    def ask(self, who: str, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """As the attacker or the observer, over a connection of its own."""
        headers = {"Cookie": self.cookie(self.facts[who]["session"]).partition(" ")[2], "X-CSRFToken": SECRET}
        if kind:
            headers["Content-Type"] = kind
        begun = time.monotonic()
        line = http.client.HTTPConnection(*self.address, timeout=PATIENCE_FOR_A_PAGE)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
            return Answer(answer.status, text, time.monotonic() - begun)
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, f"{type(error).__name__}: {error}", time.monotonic() - begun)
        finally:
            line.close()

    def looks(self, count: int, seconds: float) -> list[Answer]:
        """What the observer sees: the list, the dashboard, the queue, a comment of his own; the slowest gives up."""
        key, until = self.facts["observer"]["bill"], time.monotonic() + seconds
        answers: list[Answer] = []
        while len(answers) < count and time.monotonic() < until:
            match len(answers) % 4:
                case 0:
                    answers.append(self.ask("observer", "GET", "/extractions/"))
                case 1:
                    answers.append(self.ask("observer", "GET", "/"))
                case 2:
                    answers.append(self.ask("observer", "GET", "/review/"))
                case 3:
                    form = b"do=comment&text=Seen"
                    path = f"/review/{key}/end/"
                    answers.append(self.ask("observer", "POST", path, form, "application/x-www-form-urlencoded"))
        return answers

    def memory_mb(self) -> float:
        """Of web and of the children that it started."""
        total = 0
        for pid in [self.web, *children_of(self.web)]:
            with suppress(OSError, ValueError):
                total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return total * os.sysconf("SC_PAGE_SIZE") / 2**20

    def end(self) -> float:
        """Seconds until SIGTERM has ended every process; 60 if some had to be killed."""
        begun = time.monotonic()
        self.portal.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.portal.process.wait(60)
        took = time.monotonic() - begun
        self.portal.stop()
        return took


def children_of(pid: int) -> list[int]:
    found = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += [int(word) for word in (thread / "children").read_text().split()]
    return found + [grandchild for child in found for grandchild in children_of(child)]


class Flood:
    """The attacker, who sends the same again and again, from several threads at once."""

    def __init__(self, scene: Scene, threads: int, send: Callable[[], Answer]) -> None:
        self._over = threading.Event()
        self._send = send
        self.answers: list[Answer] = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Flood:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE_FOR_A_PAGE)

    def _work(self) -> None:
        while not self._over.is_set():
            self.answers.append(self._send())

    def met(self) -> str:
        """The most usual answer, in words."""
        if not self.answers:
            return "no answer yet"
        counted = Counter((answer.status, answer.sentence) for answer in self.answers)
        (status, sentence), count = counted.most_common(1)[0]
        return f"{count} x {status}: {sentence}"


class Memory:
    """The most that web takes while it is watched."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._over = threading.Event()
        self.idle = self.most = scene.memory_mb()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self.most = max(self.most, self._scene.memory_mb())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attack did to others and to the machine, and what the attacker met."""

    name: str
    idle: list[float]
    busy: list[float]
    failed: list[Answer]
    """Looks of the observer that were not answered as they should be."""
    more_memory: float
    seconds_to_end: float
    met: str

    @property
    def p95_ratio(self) -> float:
        """Infinite when the observer did not even get two answers in the time he had."""
        if len(self.busy) < 2:
            return math.inf
        return statistics.quantiles(self.busy, n=20)[-1] / statistics.quantiles(self.idle, n=20)[-1]
