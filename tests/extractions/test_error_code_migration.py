"""Columns that got the field's words keep what they held, and so on the way back."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.extractions.test_weigh_again_migration import migrate_to

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = "0033_provenance", "0035_error_codes"
SINCE = timezone.now()


@pytest.fixture
def before():
    yield migrate_to(BEFORE)
    call_command("migrate", verbosity=0)


def test_codes_and_counts_are_kept_both_ways(before):
    team = before.get_model("people", "Team").objects.create(name="Bills")
    owner = before.get_model("people", "User").objects.create(email="ana@example.com")
    service = before.get_model("extractions", "Connection").objects.create(base_url="https://api.example.com")
    row = before.get_model("extractions", "Extraction").objects.create(
        team=team, owner=owner, connection=service, state="QUEUED", next_try_at=SINCE, size=1, page_count=1,
        name="a.pdf",
        trouble="unavailable", trouble_detail="Bad gateway", looks=3, later_since=SINCE,
    )  # fmt: skip
    before.get_model("extractions", "ContentImage").objects.create(extraction=row, position=0, trouble="type")
    before.get_model("extractions", "Backup").objects.create(begun_at=SINCE, place="/b", trouble="The disk is full.")

    after = migrate_to(AFTER)

    kept = after.get_model("extractions", "Extraction").objects.get()
    assert (kept.error_code, kept.error_detail) == ("unavailable", "Bad gateway")
    assert (kept.search_misses, kept.retrying_since) == (3, SINCE)
    assert after.get_model("extractions", "ContentImage").objects.get().error_code == "type"
    assert after.get_model("extractions", "Backup").objects.get().error == "The disk is full."
    back = migrate_to(BEFORE).get_model("extractions", "Extraction").objects.get()
    assert (back.trouble, back.trouble_detail, back.looks, back.later_since) == (
        "unavailable", "Bad gateway", 3, SINCE,
    )  # fmt: skip
