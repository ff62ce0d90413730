from datetime import timedelta

import pytest

from extractions.forwarding.steps import schema_publishing, schemas
from extractions.models import (
    Connection,
    ExportMapping,
    Preset,
    Rule,
    Schema,
    SchemaPublication,
    SecondPersonPolicy,
)
from extractions.schemas.schema_files import SchemaFile
from extractions.services import studio as service
from portal.audit.models import Entry
from tests.factories import INVOICE, Role, make_person, make_schema, make_studio_schema, make_team
from tests.fake_api import Fault

pytestmark = pytest.mark.django_db
State = SchemaPublication.State


@pytest.fixture
def author(db):
    return make_person("Ada", team=make_team("Legal"), role=Role.ADMINISTRATOR)


@pytest.fixture
def lease(author):
    return make_studio_schema("Lease contract", team=author.teams.get(), author=author, description="Leases of flats")


@pytest.fixture
def wanted(lease, author, connection, api, clock):
    """The first version, which somebody wants to be published."""
    assert service.publish(lease.newest, author)
    return SchemaPublication.objects.get()


def work(connection, clock, seconds=0.0):
    clock.advance(seconds)
    schema_publishing.publish_due(connection)
    return SchemaPublication.objects.get()


def created(api):
    return [request for request in api.requests if request.method == "POST" and request.path == "/schema/"]


def test_a_version_is_created_once_and_can_be_chosen_at_once(wanted, api, connection, clock, author):
    done = work(connection, clock)

    assert (done.state, done.schema.name, done.error_code) == (State.PUBLISHED, "Lease contract v1", "")
    assert list(Schema.objects.filter(connection=connection).offered()) == [done.schema]
    assert api.schemas[0]["description"] == "Leases of flats"
    assert api.schemas[0]["schema"] == INVOICE
    assert Entry.objects.filter(after__published=1, person_id=author.pk).exists()

    work(connection, clock, 3600)
    schemas.refresh(connection)

    assert len(created(api)) == 1
    assert Schema.objects.filter(connection=connection).count() == 1


def test_a_refusal_is_kept_in_the_services_words_and_the_next_version_goes_through(
    wanted, api, connection, clock, author
):
    api.inject("create_schema", Fault(400, {"schema": ["Must have fields."]}, accept=False))

    refused = work(connection, clock)

    assert (refused.state, refused.error_detail) == (State.REFUSED, "schema: Must have fields.")
    assert work(connection, clock, 3600).state == State.REFUSED
    assert service.publish(wanted.version, author)
    schema_publishing.publish_due(connection)
    assert wanted.version.publications.latest("pk").state == State.PUBLISHED


@pytest.mark.parametrize("fault", ["accept_cut", "accept_502", "accept_html", "accept_no_id"])
def test_what_arrived_without_an_answer_is_found_and_not_sent_again(wanted, api, connection, clock, fault):
    api.inject("create_schema", fault)

    assert work(connection, clock).state == State.UNCLEAR
    found = work(connection, clock, 10)

    assert found.state == State.PUBLISHED
    assert found.schema.remote_id == api.schemas[0]["id"]
    assert len(created(api)) == 1


def test_what_never_arrived_is_sent_again_once_that_is_sure(wanted, api, connection, clock):
    api.inject("create_schema", "no_cut")

    assert work(connection, clock).state == State.UNCLEAR
    for _search in range(6):
        assert work(connection, clock, 19).state == State.UNCLEAR
    assert len(created(api)) == 1
    for _search in range(8):
        done = work(connection, clock, 30)

    assert done.state == State.PUBLISHED
    assert len(created(api)) == 2
    assert len(api.schemas) == 1


def test_after_three_lost_attempts_a_person_decides(wanted, api, connection, clock, author):
    api.inject("create_schema", "no_cut", times=3)
    for _step in range(30):
        work(connection, clock, 130)

    assert SchemaPublication.objects.get().state == State.UNDECIDED
    assert len(created(api)) == 3

    service.publish(wanted.version, author)
    assert work(connection, clock).state == State.PUBLISHED


def test_a_worker_that_is_killed_while_sending_leaves_no_second_schema(wanted, api, connection, clock):
    lease = schema_publishing._claim(wanted, connection)
    connection_client = schema_publishing.connection_state.client_for(connection)
    connection_client.create_schema(
        schema_publishing.body_of(wanted.version)
    )  # and is killed before it writes that down

    assert lease
    assert work(connection, clock, 60).state == State.SENDING
    assert work(connection, clock, 130).state == State.PUBLISHED
    assert len(created(api)) == 1


def test_an_unavailable_service_is_asked_again_later(wanted, api, connection, clock):
    api.inject("create_schema", "429_slow")

    waiting = work(connection, clock)

    assert (waiting.state, waiting.error_code) == (State.WAITING, "rate")
    connection.refresh_from_db()
    assert connection.paused
    Connection.objects.filter(pk=connection.pk).update(pause="")
    connection.refresh_from_db()
    assert work(connection, clock, 40).state == State.PUBLISHED


def test_without_the_endpoint_it_is_entered_by_hand_and_recognised(wanted, api, connection, clock):
    api.takes_schemas = False

    assert work(connection, clock).state == State.BY_HAND

    reordered = {"properties": INVOICE["properties"], "required": INVOICE["required"], "type": "object"}
    api.schemas.append({"id": "typed-in", "name": "Bail", "description": "", "schema": reordered})
    schemas.refresh(connection)

    done = SchemaPublication.objects.get()
    assert (done.state, done.schema.name) == (State.PUBLISHED, "Bail")


def test_a_wrong_address_is_not_taken_for_a_service_without_the_endpoint(wanted, api, connection, clock):
    api.inject("create_schema", Fault(404, b"<html>", accept=False))
    api.inject("/schema/", Fault(404, b"<html>"))

    assert work(connection, clock).state == State.WAITING


def test_the_next_version_takes_the_place_of_the_one_before(wanted, lease, api, connection, clock, author, bob):
    first = work(connection, clock).schema
    team = lease.team
    Rule.objects.create(team=team, schema=first, text="total > 0", message="Must be positive")
    Rule.objects.create(team=team, schema=first, text="gone > 0")
    Rule.objects.create(team=make_team("Other"), schema=first, text="total > 5")
    SecondPersonPolicy.objects.create(team=team, schema=first, first=3)
    ExportMapping.objects.create(team=team, schema=first, columns=[["total", "Sum"]])
    preset = Preset.objects.create(owner=author, connection=connection, name="Leases", server="FR-1", schema=first)

    version = service.save(lease, service.Edit(SchemaFile("Lease contract", "", "", INVOICE), author), base=1)
    service.publish(version, author)
    schema_publishing.publish_due(connection)

    second = version.publications.get().schema
    assert second.name == "Lease contract v2"
    assert list(Schema.objects.filter(connection=connection).offered()) == [second]
    first.refresh_from_db()
    assert first.superseded_by == second
    assert [(rule.text, rule.team, rule.message) for rule in second.rules.all()] == [
        ("total > 0", team, "Must be positive")
    ]
    assert second.second_person_policies.get().first == 3
    assert second.export_mappings.get().columns == [["total", "Sum"]]
    preset.refresh_from_db()
    assert preset.schema == second


def test_a_schema_that_was_there_before_stays_for_the_others(connection, api, clock, author):
    invoice = make_schema("Invoice", connection=connection)
    api.schemas = [{"id": invoice.remote_id, "name": "Invoice", "description": "", "schema": INVOICE}]
    more = {**INVOICE, "title": "More"}
    team = author.teams.get()

    version = service.create(team, service.Edit(SchemaFile("Invoice", "", "", more), author), origin=invoice)
    service.publish(version, author)
    schema_publishing.publish_due(connection)

    assert version.number == 2
    assert {row.name for row in Schema.objects.filter(connection=connection).offered()} == {"Invoice", "Invoice v2"}


def test_it_goes_by_the_connection_that_the_team_has_when_it_is_sent(lease, author, api, clock):
    service.publish(lease.newest, author)
    own = Connection.objects.create(
        scope="team", team=lease.team, base_url="http://elsewhere.example.com", key_fingerprint="x"
    )

    schema_publishing.publish_due(Connection.current())

    assert SchemaPublication.objects.get().state == State.WAITING
    assert Connection.for_team(lease.team) == own
    assert created(api) == []


def test_publishing_twice_asks_once(lease, author):
    assert service.publish(lease.newest, author)
    assert not service.publish(lease.newest, author)
    assert SchemaPublication.objects.count() == 1


def test_what_waits_can_be_withdrawn_but_not_what_is_on_its_way(wanted, lease, connection, clock):
    assert service.withdraw(lease.newest)
    assert not SchemaPublication.objects.exists()

    SchemaPublication.objects.create(
        version=lease.newest, state=State.SENDING, lease_until=clock() + timedelta(seconds=60)
    )
    assert not service.withdraw(lease.newest)
