"""A rule as a bomb: one reviewer tries it and keeps it; web and worker go on, and end when they are asked to."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest
import requests

from tests.running import PATIENCE, ROOT, RunningPortal, wait_for

pytestmark = pytest.mark.long

BOMBS = (r"supplier matches (.|.){1,300}~", r"supplier matches (\w+\s?)+!", r"supplier matches (a?){100}a{100}")
TO_STOP = 10.0  # seconds, as promised
PREPARE = """
from tests.factories import make_extraction, make_person, make_schema, make_team
from extractions.models import Rule, Value
team = make_team("Bookkeeping")
mallory = make_person("Mallory", team=team, is_superuser=False)
mallory.set_password("correct horse battery")
mallory.save()
schema = make_schema(schema={"type": "object", "properties": {
    "supplier": {"type": "string", "pattern": "(.|.){1,300}~"}, "total": {"type": "number"}}})
for number in range(4):
    row = make_extraction(owner=mallory, schema=schema, state="EXTRACTED", review_state="waiting")
    Value.objects.create(extraction=row, position=0, path="supplier", text="a" * 9000, extracted="a" * 9000)
print(schema.pk)
"""


@pytest.fixture
def portal(tmp_path):
    portal = RunningPortal(tmp_path)
    yield portal
    portal.stop()


def test_a_bomb_as_a_rule_hurts_nobody_and_delays_no_end(portal):
    schema = prepare(portal)
    mallory = signed_in(portal)
    page = f"{portal.root}/schemas/{schema}/rules/"

    for bomb in BOMBS:
        for more in ({"do": "try"}, {}):
            done = post(mallory, page, {"text": bomb, "message": "", **more})
            assert done.status_code == 200, done.text[:500]
            assert requests.get(f"{portal.root}/accounts/login/", timeout=PATIENCE).ok

    wait_for(lambda: number_of(portal, "Extraction.objects.filter(evidence_due_at__isnull=False).count()") == "0")
    trying = threading.Thread(target=lambda: try_for_ever(mallory, page), daemon=True)
    trying.start()
    portal.process.send_signal(signal.SIGTERM)
    assert portal.process.wait(timeout=TO_STOP) == 0
    assert not portal.processes()


def prepare(portal: RunningPortal) -> str:
    return number_of(portal, "", PREPARE)


def number_of(portal: RunningPortal, expression: str, code: str = "") -> str:
    """What a second process says of the database."""
    code = code or f"from extractions.models import Extraction\nprint({expression})"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT, env=portal.environment, capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    return done.stdout.strip().splitlines()[-1]


def signed_in(portal: RunningPortal) -> requests.Session:
    session = requests.Session()
    page = f"{portal.root}/accounts/login/"
    post(session, page, {"login": "mallory@example.com", "password": "correct horse battery"})
    assert "sessionid" in " ".join(session.cookies.keys()), session.cookies.keys()
    return session


def post(session: requests.Session, page: str, fields: dict[str, str]) -> requests.Response:
    session.get(page, timeout=PATIENCE)
    token = next(cookie.value for cookie in session.cookies if "csrftoken" in cookie.name)
    headers = {"Referer": page}
    return session.post(page, fields | {"csrfmiddlewaretoken": token}, headers=headers, timeout=PATIENCE)


def try_for_ever(session: requests.Session, page: str) -> None:
    while True:
        try:
            post(session, page, {"text": BOMBS[0], "message": "", "do": "try"})
        except requests.RequestException:
            return
