"""A real Chromium in front of the whole product."""

from __future__ import annotations

import shutil

import pytest

from tests.running import RunningPortal

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    if shutil.which("chromium"):
        return
    for item in items:
        item.add_marker(pytest.mark.skip(reason="Chromium is missing: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": shutil.which("chromium"), "args": SWITCHES}


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    portal = RunningPortal(tmp_path_factory.mktemp("portal"))
    yield portal
    portal.stop()
