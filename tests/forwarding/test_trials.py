"""The worker runs trials: each document is handed over once at most, and its result is no document."""

from collections import deque

import pytest

from extractions.forwarding.steps import schemas, trials
from extractions.models import Connection, Extraction, Schema, SchemaPublication, Spending, Trial, TrialDocument
from extractions.schemas.schema_files import SchemaFile
from extractions.services import trials as service
from tests.factories import (
    INVOICE,
    Role,
    State,
    make_extraction,
    make_person,
    make_schema,
    make_studio_schema,
    make_team,
)
from tests.fake_api import Fault

pytestmark = pytest.mark.django_db
DRAFT = INVOICE | {"required": []}
DONE = {"status": "FINISHED", "extraction_step": "LOCATION", "extracted_data": {"total": 7}, "credit_used": 3}


@pytest.fixture
def ada(db):
    return make_person("Ada", team=make_team("Legal"), role=Role.ADMINISTRATOR)


@pytest.fixture
def started(api, ada, connection, clock):
    def act(documents=1, **fields):
        rows = [
            make_extraction(owner=ada, state=State.EXTRACTED, schema=make_schema(), **fields) for _ in range(documents)
        ]
        trial = service.draft(ada.teams.get(), SchemaFile("Lease contract", "Leases", "", DRAFT), ada)
        assert service.start(trial, rows, ada, agreed=100)
        return trial

    return act


def work(trial, clock, times=1, seconds=20.0):
    for _ in range(times):
        clock.advance(seconds)
        trials.run_due(Connection.objects.get(pk=Trial.objects.get(pk=trial.pk).connection_id))
    trial.refresh_from_db()
    return trial


def finish(api, trial, answer=DONE):
    for row in trial.documents.filter(state="running"):
        api.next_updates[row.remote_id] = deque([answer])


def paid(api, trial):
    charged = [charge.portal_key for charge in api.ledger.charges()]
    return [charged.count(str(row.key)) for row in trial.documents.all()]


def created(api):
    return [request for request in api.requests if request.method == "POST" and request.path == "/schema/"]


def test_a_draft_is_created_read_and_cleared_away(started, api, clock, ada):
    documents = Extraction.objects.count()
    trial = work(started(2), clock)
    assert trial.state == "running"
    assert api.schemas[0]["schema"] == DRAFT
    finish(api, trial)

    work(trial, clock, times=3)

    assert trial.state == "done"
    rows = list(trial.documents.all())
    assert [(row.state, row.extracted_data, row.credit_used) for row in rows] == [("done", {"total": 7}, 3)] * 2
    assert all(row.removed_at for row in rows)
    assert not api.documents  # deleted at the service
    assert paid(api, trial) == [1, 1]
    assert sum(Spending.objects.values_list("credits", flat=True)) == 6
    assert Extraction.objects.count() == documents + 2  # the two that were there


def test_its_schema_is_never_offered_for_documents(started, api, clock, connection):
    work(started(), clock)
    schemas.refresh(connection)

    row = Schema.objects.get(name__startswith="Lease contract")
    assert row.for_trials
    assert row not in Schema.objects.offered()


def test_what_the_service_has_already_is_not_created_again(started, api, clock, connection):
    make_schema("Published", schema=DRAFT, description="Leases")

    trial = work(started(), clock)

    assert trial.schema.name == "Published"
    assert not created(api)


@pytest.mark.parametrize("fault", ["accept_cut", "accept_502", "accept_hang"])
def test_a_document_whose_answer_is_lost_is_looked_for_and_paid_once(started, api, clock, fault, impatient):
    api.inject("create", fault)
    trial = work(started(), clock)
    assert trial.documents.get().state == "looking"

    work(trial, clock, times=2)
    finish(api, trial)
    work(trial, clock, times=3)

    assert trial.documents.get().state == "done"
    assert paid(api, trial) == [1]


def test_one_that_never_turns_up_is_given_up_and_not_sent_again(started, api, clock, impatient):
    api.inject("create", "no_cut")
    trial = started()

    work(trial, clock, times=12, seconds=60)

    assert trial.documents.get().state == "lost"
    assert trial.state == "done"
    assert sum(request.method == "POST" and request.path == "/extract/" for request in api.requests) <= 1
    assert paid(api, trial) == [0]


def test_a_lost_worker_before_the_gate_is_harmless_and_after_it_leads_to_a_search(started, api, clock):
    trial = started(2)
    work(trial, clock)
    first, second = trial.documents.all()
    TrialDocument.objects.filter(pk=first.pk).update(state="sent", remote_id="", lease_until=clock())
    TrialDocument.objects.filter(pk=second.pk).update(state="sending", remote_id="", lease_until=clock())

    work(trial, clock, times=3)

    assert [row.state for row in trial.documents.all()] == ["running", "running"]
    # The second was at the service already; a restored backup that looks before it sends finds it.
    assert paid(api, trial)[0] == 1


def test_a_copy_that_comes_later_looks_before_it_sends(started, api, clock):
    trial = work(started(), clock)
    TrialDocument.objects.update(state="waiting", remote_id="", handed_over_at=None)

    work(trial, clock, seconds=3600)

    assert trial.documents.get().state == "running"
    assert paid(api, trial) == [1]


def test_a_refusal_is_kept_and_the_others_go_on(started, api, clock):
    api.inject("create", Fault(400, {"document": ["Too blurred."]}, accept=False))
    trial = work(started(2), clock)
    finish(api, trial)

    work(trial, clock, times=2)

    assert [row.state for row in trial.documents.all()] == ["failed", "done"]
    assert "Too blurred" in trial.documents.first().error_detail


def test_cancelling_stops_what_is_not_sent_and_counts_what_is(started, api, clock):
    trial = work(started(1), clock)
    assert service.cancel(trial)
    finish(api, trial)

    work(trial, clock, times=3)

    row = trial.documents.get()
    assert (trial.state, row.state, row.extracted_data, row.credit_used) == ("cancelled", "done", None, 3)
    assert row.removed_at
    assert sum(Spending.objects.values_list("credits", flat=True)) == 3


def test_nothing_is_sent_once_it_is_cancelled(started, api, clock):
    trial = started(1)
    assert service.cancel(trial)

    work(trial, clock, times=2)

    assert trial.documents.get().state == "cancelled"
    assert not api.documents


def test_nothing_is_sent_over_a_paused_connection(started, api, clock, connection):
    trial = started(1)
    Connection.objects.update(pause="by_hand")

    work(trial, clock, times=2)
    assert not created(api)

    Connection.objects.update(pause="")
    assert work(trial, clock).documents.get().state == "running"


def test_a_service_without_the_endpoint_says_so_and_sends_nothing(started, api, clock):
    api.inject("create_schema", Fault(404, b"<html>", accept=False))

    trial = work(started(), clock)

    assert (trial.state, trial.error_code) == ("impossible", "wrong_address")
    assert trial.documents.get().state == "cancelled"
    assert not api.documents


def test_a_lost_answer_to_the_schema_creates_no_second_one(started, api, clock, impatient):
    api.inject("create_schema", "accept_cut")

    trial = work(started(), clock, times=2)

    assert trial.state == "running"
    assert len(created(api)) == 1


def test_a_document_that_is_deleted_meanwhile_leaves_nothing_behind(started, api, clock):
    trial = work(started(), clock)
    Extraction.objects.first().request_deletion()
    finish(api, trial)

    work(trial, clock, times=3)

    row = trial.documents.get()
    assert (row.state, row.extracted_data) == ("done", None)
    assert not api.documents


def test_it_publishes_nothing(started, api, clock, ada):
    studio = make_studio_schema(team=ada.teams.get(), author=ada)
    work(started(), clock)

    assert not SchemaPublication.objects.exists()
    assert studio.versions.count() == 1
