"""Alice owns, Bob is on her team, Charlie is a stranger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import translation
from hypothesis import HealthCheck, settings

from extractions import clock
from extractions.search import index_triggers
from portal.people.mail_queue import mail_queue
from portal.people.models import Team, User
from tests.factories import Role, make_person, make_team
from tests.migrated import copy_migrated_database

# How fast a busy machine draws examples says nothing of the code.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")

FORBID_EMPTYING = {"audit_no_delete", "audit_no_truncate"}


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_use_migrations: bool) -> bool:
    """Whether the tables are there already, as a copy."""
    from django.conf import settings

    return django_db_use_migrations and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory, django_db_modify_db_settings_parallel_suffix, django_db_keepdb):
    """SQLite in a file: connections of several threads to a database in memory do not wait for each other."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database.setdefault("TEST", {})["NAME"] = str(file)
        if django_db_keepdb:
            copy_migrated_database(file)
        # Tests survive no power cut, and so need not wait for the disk.
        options = database.get("OPTIONS", {})
        options["init_command"] = options.get("init_command", "").replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests of real transactions end with empty tables, by DELETE or TRUNCATE, which the audit log refuses."""
    from django.db import connection

    from portal import triggers
    from portal.audit import guard

    guarded = guard.TRIGGERS.triggers[connection.vendor]
    fewer = [trigger for trigger in guarded if trigger.name not in FORBID_EMPTYING]
    triggers.declare(replace(guard.TRIGGERS, triggers={connection.vendor: fewer}))
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        on_table = f" ON {guard.TABLE}" if connection.vendor == "postgresql" else ""
        for trigger in guarded:
            if trigger not in fewer:
                cursor.execute(f"DROP TRIGGER {trigger.name}{on_table}")


@pytest.fixture(scope="session", autouse=True)
def static_files_found_when_asked_for() -> None:
    """Otherwise the first request of every client looks at all of them, which takes longer than most tests."""
    from django.conf import settings

    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def folders_of_this_test(settings, tmp_path: Path) -> None:
    """No test writes where another one or a person reads."""
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = settings.DATA_DIR / "files"
    settings.FILE_UPLOAD_TEMP_DIR = settings.DATA_DIR / "incoming"
    settings.MEDIA_ROOT.mkdir(parents=True)
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()


@pytest.fixture(autouse=True)
def no_trash(settings) -> None:
    """What is deleted is erased at once; tests of the trash set how long it keeps documents."""
    settings.TRASH_DAYS = 0


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Rows get the same numbers in every test, so what a cache kept of them must go."""
    cache.clear()
    clock.reset()
    translation.deactivate()  # a request leaves the language of its page behind


@pytest.fixture(autouse=True)
def mail_at_once(monkeypatch) -> None:
    """Another thread does not see the rows of a test, and a test would have to wait for it."""
    monkeypatch.setattr(mail_queue, "enqueue", lambda task: task())


@pytest.fixture(autouse=True)
def embedded_engine(settings) -> None:
    """Whatever the environment says, tests speak to nobody's API."""
    settings.ANESYA_BASE_URL = ""
    settings.ANESYA_API_KEY = ""


@pytest.fixture
def team(db) -> Team:
    return make_team("Bookkeeping")


@pytest.fixture
def alice(team: Team) -> User:
    return make_person("Alice", team=team)


@pytest.fixture
def bob(team: Team) -> User:
    return make_person("Bob", team=team)


@pytest.fixture
def charlie(db) -> User:
    return make_person("Charlie", team=make_team("Strangers"))


@pytest.fixture
def victor(team: Team) -> User:
    """On Alice's team, but may only look."""
    return make_person("Victor", team=team, role=Role.VIEWER)


@pytest.fixture
def empty_index(db) -> None:
    """Tests of real transactions end with empty tables, which leaves behind what triggers wrote for the search."""
    index_triggers.rebuild("default")
