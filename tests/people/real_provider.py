"""A real OpenID provider as a process of its own: the certified npm package oidc-provider."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.javascript.check import node_version
from tests.running import free_port, wait_for

CLIENT_ID, SECRET = "portal", "not much of a secret"
SOURCES = Path(__file__).parent / "openid_server"
OLDEST_NODE = (20, 0)
PATIENCE = 900  # seconds, for a registry that is slow


class RealProvider:
    """`people` are those who have an account there, with their claims by name of sign-in."""

    def __init__(self, address: str, file: Path) -> None:
        self.address = address
        self._file = file

    def set_people(self, **people: dict[str, object]) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(people))
        beside.replace(self._file)


def install(folder: Path) -> None:
    """By npm, with the versions and hashes of the lock file; skips the test where that cannot be had."""
    if node_version() < OLDEST_NODE or not shutil.which("npm"):
        pytest.skip("A real OpenID provider needs Node.js 20 and npm.")
    for name in ("package.json", "package-lock.json", "server.mjs"):
        shutil.copy(SOURCES / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "1"]
    try:
        subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=PATIENCE)
    except subprocess.CalledProcessError as error:
        if "integrity" in error.stderr.lower():
            raise
        pytest.skip(f"npm could not install oidc-provider: {error.stderr.strip().splitlines()[:1]}")
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm took more than {PATIENCE} s to install oidc-provider.")


@contextlib.contextmanager
def running(folder: Path, portal: str) -> Iterator[RealProvider]:
    """In the folder in which it is installed, for the portal at this address."""
    port, people = free_port(), folder / "people.json"
    provider = RealProvider(f"http://127.0.0.1:{port}", people)
    provider.set_people()
    with (folder / "log").open("w") as log:
        command = ["node", "server.mjs", str(port), portal, str(people)]
        process = subprocess.Popen(command, cwd=folder, env=os.environ | {"NODE_ENV": "test"}, stdout=log, stderr=log)
    try:
        wait_for(lambda: _answers(process, provider, folder / "log"))
        yield provider
    finally:
        process.terminate()
        process.wait(timeout=60)


def _answers(process: subprocess.Popen[bytes], provider: RealProvider, log: Path) -> bool:
    if process.poll() is not None:
        raise AssertionError(log.read_text())
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{provider.address}/.well-known/openid-configuration", timeout=10).ok
    return False
