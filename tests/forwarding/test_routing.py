"""*Automatic* with a service of which one server fails half of its jobs."""

import hashlib

import pytest

from extractions.intake.receiving import StoredFile
from extractions.intake.routing import AUTOMATIC
from extractions.intake.submitting import Options, submit
from extractions.models import Extraction, RegionTie
from tests.factories import State, _stored, make_schema, pdf
from tests.fake_api import KEY, FakeApi

pytestmark = pytest.mark.django_db
BAD = "FR-2"


@pytest.fixture
def api(settings, embedded_engine):
    with FakeApi(plan={"seed": 3, "job_seconds": [0, 0], "failing_at": {BAD: 0.5}}, key=KEY) as api:
        api.schemas = []
        settings.ANESYA_BASE_URL, settings.ANESYA_API_KEY, settings.ANESYA_SERVER = api.url, KEY, BAD
        yield api


@pytest.fixture
def send(api, alice, drive):
    def send(**options) -> Extraction:
        content = pdf()
        stored = StoredFile(
            path=_stored(content),
            name="a.pdf",
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            mime="application/pdf",
            page_count=1,
        )
        row = submit(stored, Options(server=AUTOMATIC, **options), owner=alice, team=alice.teams.get(), form_token="")
        assigned = row.server
        done = drive.run(row, until=(State.EXTRACTED, State.FAILED))
        assert done.server == assigned  # chosen once, before the first send
        assert api.documents[done.remote_id]["server"] == assigned
        return done

    return send


def test_a_server_that_fails_half_of_its_jobs_is_avoided_within_ten_documents(send):
    documents = [send() for _number in range(25)]

    servers = [document.server for document in documents]
    assert BAD in servers[:10]
    assert any(document.state == State.FAILED for document in documents[:10])
    assert BAD not in servers[10:]
    assert all(document.state == State.EXTRACTED for document in documents[10:])


def test_a_schema_tied_to_france_never_leaves_it(send, alice):
    schema = make_schema("Payslips")
    RegionTie.objects.create(team=alice.teams.get(), schema=schema, region="FR")

    servers = [send(schema=schema).server for _number in range(15)]

    assert all(server.startswith("FR-") for server in servers)
    assert BAD not in servers[10:]


def test_each_document_is_accepted_once(send, api):
    documents = [send() for _number in range(6)]

    assert all(api.accepted[str(document.key)] == 1 for document in documents)
