"""A real Chromium in front of the whole product."""

from __future__ import annotations

import os
import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.people import PATIENCE
from tests.browser.wire import Wire
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


expect.set_options(timeout=PATIENCE)


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


@pytest.fixture(scope="session", autouse=True)
def rows_may_be_made_beside_the_browser():
    """Playwright runs a loop in the test's own thread, and Django thinks that it is asked from within it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture
def wire(live_server):
    """The network between the browser and the portal, which tests can cut."""
    wire = Wire(live_server.url)
    yield wire
    wire.close()
