"""What was demanded of a schema for everybody is demanded by each team afterwards, and by everybody on the way back."""

from __future__ import annotations

import pkgutil
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from extractions import migrations

NAMES = [module.name for module in pkgutil.iter_modules(migrations.__path__)]
BEFORE = next(name for name in NAMES if name.endswith("second_person_policies"))
AFTER = next(name for name in NAMES if name.endswith("second_person_of_teams"))

pytestmark = pytest.mark.django_db(transaction=True)


def migrate_to(name):
    """The models as they are then."""
    call_command("migrate", "extractions", name, verbosity=0)
    return MigrationExecutor(connection).loader.project_state([("extractions", name)]).apps


@pytest.fixture
def before():
    yield migrate_to(BEFORE)
    call_command("migrate", verbosity=0)


def make(apps):
    """Two teams without documents, a schema for both, one of the second team's own, and one that wants nothing."""
    schemas, connections = (apps.get_model("extractions", name).objects for name in ("Schema", "Connection"))
    teams = [apps.get_model("people", "Team").objects.create(name=name) for name in ("First", "Second")]
    own = {"scope": "team", "team_id": teams[1].pk}
    rows = [connections.create(base_url="https://api.example.com", **fields) for fields in ({}, own)]
    schemas.create(connection=rows[0], remote_id="1", name="Everybody's", second_above=5000)
    schemas.create(connection=rows[1], remote_id="2", name="Own", second_first=3, second_share=300)
    schemas.create(connection=rows[0], remote_id="3", name="Free")
    return teams


def test_teams_without_documents_keep_what_was_demanded_and_the_way_back_restores_it(before):
    first, second = make(before)

    after = migrate_to(AFTER)
    policies = after.get_model("extractions", "SecondPersonPolicy").objects

    kept = policies.values_list("schema__name", "team", "above", "first", "share").order_by("schema", "team")
    assert list(kept) == [
        ("Everybody's", first.pk, Decimal(5000), 0, 0),
        ("Everybody's", second.pk, Decimal(5000), 0, 0),
        ("Own", second.pk, None, 3, 100),
    ]

    # The strictest of what the teams demand since then.
    policies.filter(schema__name="Everybody's", team=first.pk).update(above=700, share=5)
    policies.filter(schema__name="Everybody's", team=second.pk).update(above=None, first=9, share=50)
    back = migrate_to(BEFORE)

    schemas = back.get_model("extractions", "Schema").objects.order_by("pk")
    assert list(schemas.values_list("name", "second_above", "second_first", "second_share")) == [
        ("Everybody's", Decimal(700), 9, 50),
        ("Own", None, 3, 100),
        ("Free", None, 0, 0),
    ]
    # Else the way forward would meet them a second time.
    assert not back.get_model("extractions", "SecondPersonPolicy").objects.exists()
