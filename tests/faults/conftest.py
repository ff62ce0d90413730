from __future__ import annotations

import shutil

import pytest

from tests.faults.processes import Portal


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A data folder on SQLite that is migrated and has its person; nothing was ever started on it."""
    folder = tmp_path_factory.mktemp("prepared")
    Portal(folder, 0, "{}").prepare()
    return folder


@pytest.fixture
def portal_with(prepared, tmp_path):
    """Portals of this test, each on a fresh data folder."""

    def make(**settings: str) -> Portal:
        return Portal(shutil.copytree(prepared, tmp_path / "portal"), 0, "{}", settings=settings)

    return make
