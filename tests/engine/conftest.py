"""Tests of the engine with its own settings: pytest tests/engine --ds=engine.settings --confcutdir=tests/engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from engine import accounts
from engine.models import Account, ApiKey, Extract
from engine.processing import child_tasks
from reading.sandbox import SandboxPool
from tests.documents import make
from tests.engine import stand_ins


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory, django_db_modify_db_settings_parallel_suffix):
    """SQLite in a file: connections of several threads to a database in memory do not wait for each other."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    # Tests survive no power cut, and so need not wait for the disk.
    database["OPTIONS"]["init_command"] = database["OPTIONS"]["init_command"].replace("FULL", "OFF")


@pytest.fixture(autouse=True)
def folders_of_this_test(settings, tmp_path: Path) -> None:
    settings.ENGINE_DATA_DIR = tmp_path / "data"
    settings.FILE_UPLOAD_TEMP_DIR = settings.ENGINE_DATA_DIR / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)


@pytest.fixture
def alice(db) -> Account:
    return accounts.create("Alice")


@pytest.fixture
def charlie(db) -> Account:
    return accounts.create("Charlie")


def client_of(account: Account) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=ApiKey.issue(account, "test", "inf"))
    return client


@pytest.fixture
def client(alice: Account) -> APIClient:
    return client_of(alice)


@pytest.fixture
def stranger(charlie: Account) -> APIClient:
    return client_of(charlie)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return make.one_page_pdf(tmp_path)


@pytest.fixture
def five_pages(tmp_path: Path) -> Path:
    return make.five_page_pdf(tmp_path)


Upload = Callable[..., Any]


def upload_by(client: APIClient, document: Path, query: str = "", **form: Any) -> Any:
    with document.open("rb") as file:
        return client.post(f"/extract/{query}", {"document": file, "server": "FR-1"} | form, format="multipart")


def extract_of(answer: Any) -> Extract:
    assert answer.status_code == 201, answer.content
    return Extract.objects.get(pk=answer.json()["id"])


@pytest.fixture
def children() -> Iterator[SandboxPool]:
    with SandboxPool(1, memory_mb=1024) as children:
        yield children


@pytest.fixture
def reading_by(monkeypatch) -> Callable[[str], None]:
    """Let the children read documents with a function of `stand_ins` instead of the pipeline."""

    def use(name: str) -> None:
        monkeypatch.setattr(child_tasks, "extract", getattr(stand_ins, name))

    return use
