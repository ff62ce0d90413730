"""A pytest plugin: no test begins after the time that `NOT_BEGUN_AFTER` names, in seconds since 1970.

What ends a run from outside ends it without a word. So whoever has a limit sets it here, and reads what was left out.
"""

from __future__ import annotations

import os
import time

import pytest

NOT_BEGUN_AFTER = "NOT_BEGUN_AFTER"
REASON = "not begun: the time for the tests is over"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    if time.time() > float(os.environ.get(NOT_BEGUN_AFTER, "inf")):
        pytest.skip(REASON)


def pytest_terminal_summary(terminalreporter) -> None:
    left_out = [report.nodeid for report in terminalreporter.stats.get("skipped", []) if REASON in str(report.longrepr)]
    if left_out:
        terminalreporter.section(f"{len(left_out)} tests not begun, for the time is over")
        for name in left_out:
            terminalreporter.write_line(name)
