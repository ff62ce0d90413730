"""The portal's client and what it speaks to, over real HTTP: both keep to the contract, and so they get along."""

import hashlib
import uuid

import pytest

from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.api.multipart import UploadRequest
from tests.contract import contract
from tests.engine.running import CLASSIFIER, INVOICE_SCHEMA
from tests.factories import pdf
from tests.running import wait_for


@pytest.fixture(scope="module")
def client(service):
    return Client(service.root, service.key)


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    content = pdf(3, "Invoice INV-77, total 12.50 EUR")
    path = tmp_path_factory.mktemp("files") / "invoice.pdf"
    path.write_bytes(content)
    return UploadRequest(
        path=path,
        name="Été 2026.pdf",
        mime="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        key=str(uuid.uuid4()),
        server="FR-2",
        schema=INVOICE_SCHEMA,
        classifier=CLASSIFIER,
        metadata={"project": "B-204"},
        page_start=2,
        page_end=3,
    )


@pytest.fixture(scope="module")
def finished(client, document):
    """What the client makes of the document once the engine has read it."""
    gates = []
    status, created = client.create(document, checkpoint=lambda: None, gate=lambda: gates.append(1))
    assert (status, len(gates)) == (201, 1)
    return wait_for(lambda: (answer := client.retrieve(created.id)).status == "FINISHED" and answer)


def test_a_document_comes_back_with_all_that_was_asked(finished, document):
    assert finished.raw["server"] == "FR-2"
    assert finished.raw["schema"] == INVOICE_SCHEMA
    assert finished.raw["classifier"] == CLASSIFIER
    assert finished.metadata == {"project": "B-204", "portal_key": document.key}
    assert finished.document_name.startswith("Été 2026")
    assert "page 2" in finished.content
    assert "page 1" not in finished.content
    assert finished.credit_used == 2 * 4
    assert finished.extraction_step == "LOCATION"


def test_every_field_of_the_contract_is_known_to_the_client(finished):
    named = set(contract.contract()["components"]["schemas"]["Extract"]["properties"])

    assert named <= set(finished.raw)
    assert not set(finished.unknown_fields) & named


def test_it_is_found_again_by_its_key_and_by_no_other(client, finished, document):
    by_key = client.search(meta_key="portal_key", meta_value=document.key)
    by_name = client.search(search=document.key)
    invented = client.search(meta_key="portal_key", meta_value=str(uuid.uuid4()))

    assert [item["id"] for item in by_key.items] == [finished.id]
    assert [item["id"] for item in by_name.items] == [finished.id]
    assert (invented.items, invented.complete) == ([], True)


def test_the_document_itself_can_be_fetched(client, finished, document):
    assert client.fetch(finished.document_url, limit=1_000_000) == document.path.read_bytes()


def test_schemas_and_classifiers_are_listed(client):
    assert {"Invoice", "Receipt"} <= {schema.name for schema in client.schemas()}
    assert CLASSIFIER in {classifier["id"] for classifier in client.classifiers()}


def test_a_refused_key_is_told_apart(service):
    with pytest.raises(ApiUnavailable) as error:
        Client(service.root, "nobody's").ping()

    assert error.value.code == "key_refused"


def test_a_deleted_document_is_gone_and_may_be_deleted_again(client, finished):
    client.delete(finished.id)
    client.delete(finished.id)

    with pytest.raises(ApiRejected) as error:
        client.retrieve(finished.id)
    assert error.value.code == "gone"
