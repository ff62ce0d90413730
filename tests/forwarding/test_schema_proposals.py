"""Examples for a schema at the embedded engine: read once, what was found kept, the copies deleted."""

from __future__ import annotations

import pytest

from extractions.forwarding.steps import erase, schema_proposals
from extractions.models import Connection, Extraction, ProposalDocument
from extractions.services import proposals as service
from tests.factories import State, make_extraction

pytestmark = pytest.mark.django_db
FOUND = {"start": "", "title": "Lease", "fields": []}


@pytest.fixture
def engine(api, connection, clock) -> Connection:
    Connection.objects.filter(pk=connection.pk).update(embedded=True)
    connection.refresh_from_db()
    return connection


@pytest.fixture
def example(engine, team, alice) -> ProposalDocument:
    document = make_extraction(owner=alice, state=State.EXTRACTED, name="lease.pdf")
    return service.propose(team, [document], alice, language="fr").documents.get()


def advanced(example, engine, clock):
    clock.advance(schema_proposals.POLL_SECONDS)
    schema_proposals.work(engine)
    example.refresh_from_db()
    return example


def finished(api, example, **fields):
    api.documents[example.remote_id].update({"status": "FINISHED", **fields})


def test_an_example_is_read_for_a_proposal_and_its_copy_deleted(api, example, engine, clock):
    assert advanced(example, engine, clock).state == "reading"
    [copy] = api.documents.values()
    assert copy["schema"] is None

    finished(api, example, x_proposal=FOUND)
    advanced(example, engine, clock)

    assert (example.state, example.found, example.next_try_at) == ("done", FOUND, None)
    assert api.documents == {}
    assert Extraction.objects.count() == 1


def test_the_engine_is_asked_to_propose_and_for_nothing_else(example):
    fields = dict(schema_proposals._upload_of(example).fields())

    assert fields["x_propose"] == "true"
    assert "schema" not in fields


@pytest.mark.parametrize("answer", [{"status": "ERROR", "x_error": "No text."}, {}, {"x_proposal": ["odd"]}])
def test_what_the_engine_cannot_read_is_said_and_not_tried_for_ever(api, example, engine, clock, answer):
    advanced(example, engine, clock)
    finished(api, example, **answer)

    advanced(example, engine, clock)

    assert (example.state, example.found, example.next_try_at) == ("failed", None, None)
    assert example.error_detail == answer.get("x_error", "")


def test_a_service_that_is_away_is_tried_again_a_few_times(api, example, engine, clock):
    api.key = "another"
    for _time in range(schema_proposals.MOST_ATTEMPTS):
        assert example.underway
        clock.advance(schema_proposals.RETRY_SECONDS)
        advanced(example, engine, clock)

    assert example.state == "failed"


def test_a_team_that_changed_its_service_is_not_kept_waiting(api, example, engine, clock):
    Connection.objects.filter(pk=engine.pk).update(embedded=False)
    engine.refresh_from_db()

    assert advanced(example, engine, clock).state == "failed"
    assert api.documents == {}


def test_a_document_that_is_erased_takes_what_was_found_along(api, example, engine, clock):
    document = example.extraction
    document.delete_requested_at = clock()
    document.save(update_fields=["delete_requested_at"])

    erase.erase(document)

    document.refresh_from_db()
    assert document.deleted_at is not None
    assert not ProposalDocument.objects.exists()
