"""The portal as its single processes, each of which can be killed, frozen and started again."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import requests
from django.utils.crypto import salted_hmac

from tests.migrated import copy_migrated_database
from tests.running import ROOT, free_port, wait_for

EMAIL, PASSWORD = "storm@example.com", "a long enough phrase"
KEY = "key-of-the-storm"
SECRET_KEY = "secret-of-the-storm"


@dataclass
class Process:
    """One process that is started again by whoever killed it."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None
    frozen: bool = False

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.frozen = False

    def signal(self, number: int) -> None:
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.running.pid, number)

    def kill(self) -> None:
        """As the kernel does it when memory runs out: this process, not those that it started."""
        self.signal(signal.SIGKILL)
        if self.running is not None:
            self.running.wait()

    def freeze(self) -> None:
        self.frozen = True
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)
        self.frozen = False

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def stop(self) -> None:
        """At the end: everything that belongs to it."""
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()


@dataclass
class Portal:
    """Web, workers and the fake API, on a data folder and ports of their own."""

    folder: Path
    workers: int
    plan: str
    database_url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    worker: tuple[str, ...] = ("manage.py", "worker")
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port, self.api_port = free_port(), free_port()
        self.root = f"http://127.0.0.1:{self.port}"
        self.api = f"http://127.0.0.1:{self.api_port}"
        self.ledger = self.folder / "ledger"
        self.database_url = self.database_url or f"sqlite:///{self.folder / 'portal.sqlite3'}"
        self.environment = os.environ | {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": SECRET_KEY,
            "PORTAL_PORT": str(self.port),
            "ANESYA_BASE_URL": self.api,
            "ANESYA_API_KEY": KEY,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
        }
        self.environment |= self.settings

    @property
    def hook(self) -> str:
        """Where the API may ring, as the portal's staff would tell it."""
        word = salted_hmac("extractions.doorbell", "webhook", secret=SECRET_KEY, algorithm="sha256").hexdigest()[:40]
        return f"{self.root}/hooks/{word}/"

    def prepare(self) -> None:
        """Migrate, and make the one person who sends."""
        if self.database_url.startswith("sqlite"):
            copy_migrated_database(self.folder / "portal.sqlite3")
        self.manage("migrate", "--verbosity", "0")
        program = (
            "from portal.people.setup import claim; "
            f"claim(email={EMAIL!r}, name='Storm', password={PASSWORD!r}, team='Storm')"
        )
        self.manage("shell", "--verbosity", "0", "--command", program)

    def manage(self, *arguments: str) -> str:
        """What the command prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        arguments = ["--port", str(self.api_port), "--ledger", str(self.ledger), "--plan", self.plan, "--key", KEY]
        self.fake_api = self._process("fake-api", "-m", "tests.fake_api", *arguments)
        self.fake_api.start()
        wait_for(lambda: answers(self.api + "/control/"))
        self.web = self._process("web", "manage.py", "web")
        self.processes = [self.web]
        self.processes += [self._process(f"worker-{number}", *self.worker) for number in range(1, self.workers + 1)]
        for process in self.processes:
            process.start()
        wait_for(lambda: answers(self.root + "/accounts/login/"))

    def _process(self, name: str, *arguments: str) -> Process:
        return Process(name, [sys.executable, *arguments], self.environment, self.folder / f"{name}.log")

    def stop(self) -> None:
        for process in [*self.processes, self.fake_api]:
            process.stop()

    def control(self, settings: dict[str, Any]) -> None:
        """Add to the plan of the fake API."""
        requests.post(self.api + "/control/", json=settings, timeout=30).raise_for_status()

    def journal(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(self.api + "/control/", timeout=30).json()
        return found


class Person:
    """Somebody at a browser, who presses "send" again when no answer came."""

    def __init__(self, portal: Portal) -> None:
        self.root = portal.root
        self.session = requests.Session()
        self.session.trust_env = False

    def sign_in(self) -> None:
        page = self.session.get(f"{self.root}/accounts/login/", timeout=30)
        data = {"csrfmiddlewaretoken": hidden(page.text, "csrfmiddlewaretoken"), "login": EMAIL, "password": PASSWORD}
        answer = self.session.post(f"{self.root}/accounts/login/", data=data, timeout=30)
        if "sessionid" not in self.session.cookies:
            raise RuntimeError(f"cannot sign in: {answer.status_code} {answer.text[:500]}")

    def upload(self, name: str, content: bytes, *, deadline: float) -> bool:
        """Send one document, again and again with the same form, until the portal says that it has it."""
        page = self._until(lambda: self.session.get(f"{self.root}/extractions/new/", timeout=30), deadline)
        if page is None:
            return False
        data = self.form_of(page.text)
        files = {"document": (name, content, "application/pdf")}
        answer = self._until(
            lambda: self.session.post(
                f"{self.root}/extractions/new/", data=data, files=files, allow_redirects=False, timeout=60
            ),
            deadline,
        )
        if answer is None:
            return False
        if answer.status_code != 302 or f"sent={data['batch']}" not in answer.headers.get("Location", ""):
            raise RuntimeError(f"not taken: {answer.status_code} {answer.headers} {sentences(answer.text)}")
        return True

    @staticmethod
    def form_of(page: str) -> dict[str, str]:
        form = {name: hidden(page, name) for name in ("csrfmiddlewaretoken", "batch")}
        return form | {"team": chosen(page, "team"), "server": "FR-1"}

    def _until(self, call: object, deadline: float) -> requests.Response | None:
        while time.monotonic() < deadline:
            with contextlib.suppress(requests.RequestException, http.client.HTTPException):
                answer: requests.Response = call()  # type: ignore[operator]
                if answer.status_code < 500:
                    return answer
            time.sleep(0.3)
        return None


def answers(url: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(url, timeout=2).ok
    return False


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    if found is None:
        raise RuntimeError(f"no field {name} in: {page[:2000]}")
    return found.group(1)


def chosen(page: str, name: str) -> str:
    """The value of a hidden field, or the first option of a choice."""
    if select := re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL):
        return str(re.findall(r'<option value="([^"]+)"', select.group())[0])
    return hidden(page, name)


def sentences(page: str) -> str:
    text = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(text.split())[:1500]


@contextlib.contextmanager
def own_database(server_url: str) -> Iterator[str]:
    """A new database on this PostgreSQL, dropped afterwards."""
    name = f"storm_{secrets.token_hex(4)}"
    parts = urllib.parse.urlsplit(server_url)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield parts._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
