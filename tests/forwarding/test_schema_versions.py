"""A document remembers the version of the schema that it was read with."""

from collections import deque
from datetime import UTC, datetime

import pytest

from extractions.models import SchemaPublication
from tests.factories import INVOICE, Role, make_extraction, make_person, make_schema, make_studio_schema

pytestmark = pytest.mark.django_db
DONE = {"status": "FINISHED", "extraction_step": "LOCATION", "extracted_data": {"total": 1}, "credit_used": 3}


@pytest.fixture
def read(api, alice, clock, drive):
    def act(schema):
        running = drive.step(make_extraction(owner=alice, schema=schema))
        api.next_updates[running.remote_id] = deque([DONE])
        assert running.schema_version is None
        return drive.run(running)

    return act


@pytest.fixture
def published(alice, connection):
    team = alice.teams.get()
    studio = make_studio_schema(team=team, author=make_person("Ada", team=team, role=Role.ADMINISTRATOR), number=7)
    schema = make_schema("Lease contract v7", updated_at=datetime(2026, 3, 4, 5, 6, tzinfo=UTC))
    SchemaPublication.objects.create(version=studio.newest, state="published", schema=schema, connection=connection)
    return schema


def test_the_number_of_the_studios_version(read, published):
    assert read(published).schema_version == "7"


def test_what_was_changed_at_the_service_since_is_no_version_of_the_studio(read, published):
    published.schema = INVOICE | {"required": []}
    published.save()

    assert read(published).schema_version == "2026-03-04 05:06"


def test_a_schema_of_the_service_since_when_it_is_as_it_was(read, connection):
    assert read(make_schema(updated_at=datetime(2026, 3, 4, 5, 6, tzinfo=UTC))).schema_version == "2026-03-04 05:06"
    assert read(make_schema(updated_at=None)).schema_version == ""


def test_without_a_schema_there_is_none(read):
    assert read(None).schema_version is None
