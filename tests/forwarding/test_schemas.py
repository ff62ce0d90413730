import pytest

from extractions.forwarding.api.errors import ApiUnavailable
from extractions.forwarding.steps import schemas
from extractions.models import Classifier, Connection, Schema
from tests.factories import INVOICE, make_classifier, make_extraction, make_schema
from tests.fake_api import Fault

pytestmark = pytest.mark.django_db


def remote(number: int, **fields):
    return {"id": f"schema-{number}", "name": f"Schema {number}", "description": "", "schema": INVOICE} | fields


def test_all_pages_are_fetched(api, connection, clock):
    api.schemas = [remote(number) for number in range(120)]

    assert schemas.refresh(connection)

    assert Schema.objects.filter(connection=connection, missing_since=None).count() == 120
    assert Schema.objects.get(remote_id="schema-7").schema == INVOICE


def test_what_changed_there_changes_here(api, connection, clock):
    schema = make_schema(remote_id="schema-1", connection=connection)
    api.schemas = [
        remote(
            1,
            name="Invoice v2",
            additional_informations=None,
            schema=None,
            created_at="2025-01-01T00:00:00Z",
            updated_at="soon",
        )
    ]

    schemas.refresh(connection)

    schema.refresh_from_db()
    assert (schema.name, schema.schema, schema.additional_informations) == ("Invoice v2", None, "")
    assert schema.created_at.year == 2025
    assert schema.updated_at is None


def test_what_is_gone_there_stays_marked_and_comes_back(api, connection, clock, alice):
    schema = make_schema(remote_id="schema-1", connection=connection)
    make_extraction(owner=alice, schema=schema)

    schemas.refresh(connection)
    schema.refresh_from_db()
    assert schema.missing_since is not None

    api.schemas = [remote(1)]
    schemas.refresh(connection)
    schema.refresh_from_db()
    assert schema.missing_since is None


def test_half_a_list_marks_nothing_as_missing(api, connection, clock):
    schema = make_schema(remote_id="schema-119", connection=connection)
    api.schemas = [remote(number) for number in range(120)]
    first = {"results": api.schemas[:50], "next": "/schema/?page=2&size=50"}
    api.inject("/schema/", Fault(200, first), Fault(500, b""))

    with pytest.raises(ApiUnavailable):
        schemas.refresh(connection)

    schema.refresh_from_db()
    assert schema.missing_since is None


def test_the_engine_tells_its_classifiers(api, connection, clock):
    Connection.objects.update(embedded=True)
    connection.refresh_from_db()
    by_hand = make_classifier(connection=connection)
    api.classifiers = [{"id": "c-1", "name": "Kinds", "categories": [{"name": "Invoice"}, {"name": "Receipt"}]}]

    schemas.refresh(connection)

    told = Classifier.objects.get(remote_id="c-1")
    assert (told.name, told.categories, told.entered_by_hand) == ("Kinds", ["Invoice", "Receipt"], False)
    api.classifiers = []
    schemas.refresh(connection)
    told.refresh_from_db()
    by_hand.refresh_from_db()
    assert told.missing_since is not None
    assert by_hand.missing_since is None


def test_another_service_is_not_asked_for_classifiers(api, connection, clock):
    schemas.refresh(connection)

    assert [request.path for request in api.requests] == ["/schema/"]


def test_it_is_wanted_at_start_every_hour_and_on_request(api, connection, clock):
    started = clock()
    assert schemas.is_wanted(connection, started)
    schemas.refresh(connection)
    connection.refresh_from_db()
    assert not schemas.is_wanted(connection, started)

    connection.request_refresh()
    connection.refresh_from_db()
    assert schemas.is_wanted(connection, started)
    schemas.refresh(connection)
    connection.refresh_from_db()
    assert connection.refresh_wanted_at is None

    clock.advance(3601)
    assert schemas.is_wanted(connection, started)
