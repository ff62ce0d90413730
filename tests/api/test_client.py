"""The portal's own client takes a portal for the service: one portal can stand behind another."""

import hashlib
import uuid

import pytest

from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.api.multipart import UploadRequest
from extractions.models import Extraction
from tests.api.program import BASE
from tests.factories import State, make_classifier, make_schema, pdf

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(program, live_server):
    return Client(live_server.url + BASE, program.key)


@pytest.fixture
def document(tmp_path):
    content = pdf(3, "Invoice INV-77")
    path = tmp_path / "invoice.pdf"
    path.write_bytes(content)
    return UploadRequest(
        path=path,
        name="Été 2026.pdf",
        mime="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        key=str(uuid.uuid4()),
        server="FR-2",
        schema=make_schema().remote_id,
        classifier=make_classifier().remote_id,
        metadata={"project": "B-204"},
        page_start=2,
        page_end=3,
    )


def create(client, document):
    return client.create(document, checkpoint=lambda: None, gate=lambda: None)


def test_a_document_is_accepted_found_again_fetched_and_deleted(client, document):
    status, created = create(client, document)
    by_key = client.search(meta_key="portal_key", meta_value=document.key)
    invented = client.search(meta_key="portal_key", meta_value=str(uuid.uuid4()))
    retrieved = client.retrieve(created.id)

    assert (status, created.status) == (201, "CREATED")
    assert [item["id"] for item in by_key.items] == [created.id]
    assert (invented.items, invented.complete) == ([], True)
    assert retrieved.metadata == {"project": "B-204", "portal_key": document.key}
    assert (retrieved.raw["schema"], retrieved.raw["server"]) == (document.schema, "FR-2")
    assert client.fetch(created.document_url, limit=1_000_000) == document.path.read_bytes()
    client.delete(created.id)
    client.delete(created.id)
    with pytest.raises(ApiRejected) as error:
        client.retrieve(created.id)
    assert error.value.code == "gone"


def test_a_result_is_understood(client, document):
    _status, created = create(client, document)
    Extraction.objects.update(
        state=State.EXTRACTED, next_try_at=None, extracted_data={"total": 1.5}, content="Text", credit_used=6
    )

    answer = client.retrieve(created.id)

    assert (answer.status, answer.content, answer.credit_used) == ("FINISHED", "Text", 6)
    assert answer.raw["extracted_data"] == {"total": 1.5}


def test_schemas_and_classifiers_are_listed(client, document):
    assert [schema.id for schema in client.schemas()] == [document.schema]
    assert [item["id"] for item in client.classifiers()] == [document.classifier]


def test_a_wrong_key_is_told_apart_from_a_wrong_address(live_server, program):
    with pytest.raises(ApiUnavailable) as key:
        Client(live_server.url + BASE, "nobody's").ping()
    with pytest.raises(ApiUnavailable) as address:
        Client(live_server.url + "/api/0.0", program.key).ping()

    assert (key.value.code, address.value.code) == ("key_refused", "wrong_address")
