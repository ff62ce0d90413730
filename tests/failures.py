"""A pytest plugin that writes down which tests failed, one to a line, into the file that `FAILURES_FILE` names."""

from __future__ import annotations

import os
from pathlib import Path

FAILURES_FILE = "FAILURES_FILE"
_failed: dict[str, None] = {}


def pytest_runtest_logreport(report) -> None:
    if report.outcome == "failed":
        _failed[report.nodeid] = None


def pytest_sessionfinish(session) -> None:
    if hasattr(session.config, "workerinput"):  # a worker of pytest-xdist reports to the process that started it
        return
    lines = (f"{session.config.rootpath}/{name}\n" for name in _failed)
    Path(os.environ[FAILURES_FILE]).write_text("".join(lines))
