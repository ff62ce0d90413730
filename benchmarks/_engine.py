"""A running engine of its own, and a client of it that can send whatever a multipart form can hold."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from benchmarks._measuring import peak_mb

PROJECT = Path(__file__).resolve().parent.parent
KEY = "a-key-for-measuring"
INVOICE_SCHEMA = "8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f01"
LOOK = 0.2


class Engine:
    """`python -m engine` in a folder that holds all that it may write to: its data, a home, and temporary files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        for name in ("data", "home", "tmp"):
            (folder / name).mkdir()
        settings = {
            "ENGINE_DATA_DIR": str(self.data),
            "ENGINE_PORT": "0",
            "ENGINE_KEY": KEY,
            "DJANGO_SETTINGS_MODULE": "",
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.log = folder / "log"
        with self.log.open("w") as log:
            command = [sys.executable, "-m", "engine"]
            self.process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | settings, stdout=log, stderr=log)
        self.session = requests.Session()
        self.session.headers["Authorization"] = KEY
        self.root = self._address()

    def _address(self) -> str:
        while self.process.poll() is None:
            for word in self.log.read_text().split():
                if word.startswith("http://"):
                    return word.rstrip(".,/")
            time.sleep(LOOK)
        raise RuntimeError(self.log.read_text())

    def send(self, content: bytes, name_of_file: str, schema: str = INVOICE_SCHEMA) -> requests.Response:
        """`name_of_file` is the header's whole parameter: see `names_in_header`."""
        boundary = secrets.token_hex(16)
        fields = {"server": "FR-1"} | ({"schema": schema} if schema else {})
        parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
        parts.append(f'Content-Disposition: form-data; name="document"; {name_of_file}\r\n\r\n')
        text = f"--{boundary}\r\n" + f"\r\n--{boundary}\r\n".join(parts)
        body = text.encode("utf-8", "surrogatepass") + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.session.post(f"{self.root}/extract/", data=body, headers=headers, timeout=120)

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.root + path, timeout=60)

    def look(self, identity: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.get(f"/extract/{identity}/").json()
        return shown

    def ended(self, identity: str, patience: float) -> dict[str, Any]:
        """The document as soon as it has ended, or as it is when patience has."""
        end = time.monotonic() + patience
        while (shown := self.look(identity))["status"] not in ("FINISHED", "ERROR") and time.monotonic() < end:
            time.sleep(LOOK)
        return shown

    def children(self) -> list[int]:
        found = []
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and _parent(folder) == self.process.pid:
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


class MemoryWatch:
    """The most memory that any child of the engine has used; looked at often, for a child may end at any time."""

    def __init__(self, engine: Engine) -> None:
        self.peaks: dict[int, float] = {}
        self._engine = engine
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._stopping.set()
        self._thread.join()
        return max(self.peaks.values(), default=0.0)

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK):
            for pid in self._engine.children():
                try:
                    self.peaks[pid] = max(self.peaks.get(pid, 0.0), peak_mb(pid))
                except OSError:
                    continue  # it has ended


def names_in_header(name: str) -> list[str]:
    """The ways in which a name can be written: as browsers do, and so that every character of it arrives."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    ways = ["filename*=UTF-8''" + quote(name.encode("utf-8", "surrogatepass"), safe="")]
    if not any(sign in name for sign in "\r\n\0"):  # these would end the header
        ways.insert(0, f'filename="{quoted}"')
    return ways


def _parent(folder: Path) -> int:
    return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
