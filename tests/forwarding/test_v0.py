"""Documents at a service that speaks API v0: stored, read once, followed; and what v0 cannot give."""

from __future__ import annotations

import pytest

from extractions.forwarding.steps import connection_state, contract_watch, erase, schemas
from extractions.forwarding.steps.schema_publishing import publish_due
from extractions.intake.routing import OutsideRegion, assign
from extractions.models import Attempt, Connection, ContractDifference, RegionTie, Schema, SchemaPublication
from extractions.services import own_connections, studio
from tests.factories import State, make_extraction, make_studio_schema
from tests.fake_api.v0 import KEY, FakeApiV0

pytestmark = pytest.mark.django_db


@pytest.fixture
def v0():
    with FakeApiV0() as api:
        yield api


@pytest.fixture
def connection(v0, team, clock) -> Connection:
    wanted = own_connections.ConnectionSettings(base_url=v0.url, key=KEY, dialect=Connection.Dialect.V0)
    return own_connections.set_up(team, wanted)


@pytest.fixture
def schema(connection) -> Schema:
    return Schema.objects.create(connection=connection, remote_id="their-schema", name="Invoice", schema={})


@pytest.fixture
def document(connection, schema, alice):
    return make_extraction(owner=alice, connection=connection, schema=schema, metadata={"department": "sales"})


def only(rows):
    [row] = rows.values()
    return row


def test_a_document_is_stored_then_extracted_and_its_data_arrive(v0, document, drive):
    running = drive.run(document, until=(State.RUNNING,))

    stored, job = only(v0.documents), only(v0.extracts)
    assert stored["metadata"] == {"department": "sales", "portal_key": str(document.key)}
    assert (job["document"], job["schema"]) == (stored["id"], "their-schema")
    assert (running.state, running.remote_id) == (State.RUNNING, job["id"])

    job.update(status="IN_PROGRESS")
    assert drive.step(running).status == "IN_PROGRESS"
    job.update(status="FINISHED", result={"total": 12.5})
    done = drive.step(running)

    assert (done.state, done.extracted_data) == (State.EXTRACTED, {"total": 12.5})
    assert done.values.get().path == "total"
    assert done.raw["result"] == {"total": 12.5}


def test_without_a_schema_it_is_parsed_and_its_text_arrives(v0, connection, alice, drive):
    running = drive.run(make_extraction(owner=alice, connection=connection), until=(State.RUNNING,))
    only(v0.parsings).update(status="PARTIAL_FINISHED", markdown_content="# Lease")

    done = drive.step(running)

    assert not v0.extracts
    assert (done.state, done.content) == (State.EXTRACTED, "# Lease")


def test_the_reason_of_a_failure_is_kept(v0, document, drive):
    running = drive.run(document, until=(State.RUNNING,))
    only(v0.extracts).update(status="ERROR", error="Parsing failed: no pages.")

    failed = drive.step(running)

    assert (failed.state, failed.error_detail) == (State.FAILED, "Parsing failed: no pages.")


def test_storing_is_repeated_as_often_as_it_takes_and_reading_is_asked_for_once(v0, document, drive):
    v0.inject("other", "cut", "half")

    running = drive.run(document, until=(State.RUNNING,))

    assert len(v0.documents) == 3
    assert len(v0.extracts) == 1
    assert running.state == State.RUNNING


@pytest.mark.parametrize("fault", ["accept_cut", "accept_502"])
def test_an_answer_that_is_lost_is_never_asked_for_again(v0, document, drive, fault):
    """v0 lists no extracts, so nobody can find out: a person decides."""
    v0.inject("create", fault)

    undecided = drive.run(document)

    assert undecided.state == State.UNDECIDED
    assert undecided.error_code == "unsearchable"
    assert len(v0.extracts) == 1
    assert Attempt.objects.filter(extraction=document, outcome=Attempt.Outcome.UNCLEAR).count() == 1


def test_a_refusal_is_told_in_the_services_words(v0, document, schema, drive):
    v0.inject("create", "no_400")

    assert drive.run(document).state == State.REJECTED


def test_a_key_that_is_refused_pauses_the_connection(v0, document, connection, drive):
    v0.key = "another"

    drive.step(document)

    connection.refresh_from_db()
    assert connection.pause == Connection.Pause.KEY_REFUSED
    assert not v0.extracts


def test_a_schema_is_entered_by_its_id(v0, connection, schema, team, alice):
    version = make_studio_schema("Lease", team=team, author=alice).newest
    studio.publish(version, alice)
    publish_due(connection)
    publication = version.publications.get()
    assert publication.state == SchemaPublication.State.BY_HAND

    with pytest.raises(studio.IdTaken):
        studio.enter_by_hand(version, schema.remote_id, alice)
    assert studio.enter_by_hand(version, "lease-schema", alice)
    schemas.refresh(connection)

    publication.refresh_from_db()
    assert (publication.state, publication.schema.remote_id) == ("published", "lease-schema")
    assert Schema.objects.filter(connection=connection, missing_since=None).count() == 2
    assert not studio.enter_by_hand(version, "again", alice)


def test_deleting_goes_on_here_although_nothing_is_deleted_there(v0, document, drive, clock):
    running = drive.run(document, until=(State.RUNNING,))
    only(v0.extracts).update(status="FINISHED", result={})
    done = drive.step(running)
    done.delete_requested_at = clock()
    done.save(update_fields=["delete_requested_at"])

    erase.erase(done)

    done.refresh_from_db()
    assert done.deleted_at is not None
    assert v0.extracts


def test_nothing_leaves_a_region_by_a_service_without_sites(connection, team):
    RegionTie.objects.create(team=team, region="FR")

    with pytest.raises(OutsideRegion):
        assign(connection, team.pk, None, "FR-1")


def test_another_version_of_the_api_is_another_connection_with_the_same_key(v0, connection, team):
    other = own_connections.ConnectionSettings(base_url=v0.url, dialect=Connection.Dialect.V0_8_1)

    changed = own_connections.set_up(team, other)

    connection.refresh_from_db()
    assert changed.pk != connection.pk
    assert (changed.dialect, changed.key()) == ("0.8.1", KEY)
    assert connection.retired_at is not None
    assert connection.successor is None


def test_the_connection_is_tested_by_a_free_call(connection):
    connection_state.check(connection)

    connection.refresh_from_db()
    assert connection.check_outcome == ""


def test_answers_are_held_against_what_is_known_of_v0(v0, document, drive):
    contract_watch.forget()
    running = drive.run(document, until=(State.RUNNING,))
    only(v0.extracts).update(status="THINKING", mood="fine")

    assert drive.step(running).state == State.RUNNING
    contract_watch.store()

    found = set(ContractDifference.objects.values_list("form", "kind", "path", "found"))
    assert found == {("ExtractV0", "new_field", "mood", "string"), ("ExtractV0", "unknown_value", "status", "THINKING")}
