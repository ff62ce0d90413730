"""Documents that are open to review are weighed again after the update; ended reviews stay as they are."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = "0011_exported_documents", "0013_weigh_again"


def migrate_to(name):
    call_command("migrate", "extractions", name, verbosity=0)
    loader = MigrationExecutor(connection).loader
    others = [node for node in loader.graph.leaf_nodes() if node[0] != "extractions"]
    return loader.project_state([("extractions", name), *others]).apps


@pytest.fixture
def before():
    yield migrate_to(BEFORE)
    call_command("migrate", verbosity=0)


def test_open_documents_are_weighed_again_and_nothing_is_lost_on_the_way_back(before):
    team = before.get_model("people", "Team").objects.create(name="Bills")
    owner = before.get_model("people", "User").objects.create(email="ana@example.com")
    service = before.get_model("extractions", "Connection").objects.create(base_url="https://api.example.com")
    extractions = before.get_model("extractions", "Extraction").objects
    common = {"team": team, "owner": owner, "connection": service, "state": "EXTRACTED", "page_count": 1, "size": 1}
    waiting = extractions.create(**common, name="a.pdf", review_state="waiting")
    ended = extractions.create(**common, name="b.pdf", review_state="approved")
    before.get_model("extractions", "Value").objects.create(
        extraction=waiting, position=0, path="total", text="5", standing="by_evidence", team_number=team.pk
    )

    after = migrate_to(AFTER)

    due = dict(after.get_model("extractions", "Extraction").objects.values_list("pk", "evidence_due_at"))
    assert due[waiting.pk] is not None
    assert due[ended.pk] is None
    values = after.get_model("extractions", "Value").objects
    values.update(standing="on_page", confidence=0.5)
    back = migrate_to(BEFORE).get_model("extractions", "Value").objects.get()
    assert (back.text, back.standing) == ("5", "by_evidence")
