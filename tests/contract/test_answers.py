"""Every operation's real answers, held against the contract."""

from __future__ import annotations

from typing import Any

import pikepdf
import pytest
import requests
from PIL import Image

from tests.contract.contract import complaints, contract, resolved, response
from tests.dialect import Dialect
from tests.documents import make
from tests.engine.running import CLASSIFIER, INVOICE_SCHEMA, WORKFLOW
from tests.reading import making

UNKNOWN = "8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f99"
DETAIL_FIELDS = list(contract()["components"]["schemas"]["Extract"]["properties"])


def agreed(answer: requests.Response, path: str) -> Any:
    """The body of an answer that is as the contract says."""
    assert answer.request.method is not None
    described = response(answer.request.method.lower(), path, answer.status_code)
    if "content" not in described:
        assert answer.content == b""
        return None
    media_type = answer.headers["Content-Type"].split(";")[0]
    assert media_type in described["content"], media_type
    if media_type != "application/json":
        return answer.content
    assert complaints(described["content"][media_type]["schema"], answer.json()) == []
    return answer.json()


def assert_fields(body: dict[str, Any]) -> None:
    """All of the contract, in its order; what whoever answers has beyond it begins with x_ and comes last."""
    assert list(body)[: len(DETAIL_FIELDS)] == DETAIL_FIELDS
    assert all(name.startswith("x_") for name in list(body)[len(DETAIL_FIELDS) :])


def offered(service: Dialect, method: str, path: str) -> None:
    """Skip what is said to be missing there (docs/api.md)."""
    if (method, path) in service.not_offered:
        pytest.skip("a portal offers no workflows")


@pytest.fixture(scope="module")
def pdf(tmp_path_factory):
    return make.five_page_pdf(tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def illustrated(tmp_path_factory, pdf):
    """The same pages after one with a picture."""
    folder = tmp_path_factory.mktemp("illustrated")
    photo = Image.effect_mandelbrot((400, 300), (-2, -1.5, 1, 1.5), 60).convert("RGB")
    photo.save(folder / "photo.png")
    first = making.pdf_with_picture(folder / "first.pdf", folder / "photo.png", (100, 200, 300, 225))
    with pikepdf.open(first) as document, pikepdf.open(pdf) as others:
        document.pages.extend(others.pages)
        document.save(folder / "illustrated.pdf")
    return folder / "illustrated.pdf"


@pytest.fixture(scope="module")
def finished(service, illustrated):
    """An extract that has been through all steps."""
    answer = service.upload(
        illustrated,
        "?pdf_page_start=1&pdf_page_end=2",
        schema=INVOICE_SCHEMA,
        classifier=CLASSIFIER,
        metadata='{"a": [1]}',
    )
    assert answer.status_code == 201
    return service.ended(answer.json()["id"])


def test_create(service, pdf):
    answer = service.upload(pdf, schema=INVOICE_SCHEMA, classifier=CLASSIFIER, metadata='{"a": "b"}')

    body = agreed(answer, "/extract/")

    assert answer.status_code == 201
    assert_fields(body)
    service.delete(f"/extract/{body['id']}/")


def test_a_finished_extract_has_all_fields_in_order(service, finished):
    body = agreed(service.get(f"/extract/{finished['id']}/"), "/extract/{id}/")

    assert body["status"] == "FINISHED"
    assert_fields(body)
    assert isinstance(body["extracted_data"], dict)
    assert body["content"]
    assert body["credit_used"] == 2 * 4


def test_a_failed_extract(engine, service, pdf):
    engine.inject_job("fail")
    failed = service.ended(service.upload(pdf).json()["id"])

    body = agreed(service.get(f"/extract/{failed['id']}/"), "/extract/{id}/")

    assert (body["status"], body["credit_used"]) == ("ERROR", None)


@pytest.mark.parametrize("wanted", ["csv", "images", "json"])
def test_downloads(service, finished, wanted):
    answer = service.get(f"/extract/{finished['id']}/?download={wanted}")

    assert agreed(answer, "/extract/{id}/")
    assert answer.status_code == 200


def test_downloads_without_a_schema_and_before_the_end(engine, service, pdf):
    engine.inject_job("slow:3")
    identity = service.upload(pdf, schema=INVOICE_SCHEMA).json()["id"]
    early = service.get(f"/extract/{identity}/?download=json")
    service.ended(identity)
    plain = service.ended(service.upload(pdf).json()["id"])
    empty = service.get(f"/extract/{plain['id']}/?download=json")

    agreed(early, "/extract/{id}/")
    agreed(empty, "/extract/{id}/")
    assert (early.status_code, empty.status_code) == (202, 204)


def test_list(service, finished):
    body = agreed(service.get("/extract/?size=1&meta_key=a"), "/extract/")

    [listed] = body["results"]
    assert listed["id"] == finished["id"]
    assert next(iter(listed["schema"])) == "name"


def test_destroy(service, pdf):
    identity = service.upload(pdf).json()["id"]

    answer = service.delete(f"/extract/{identity}/")

    agreed(answer, "/extract/{id}/")
    assert answer.status_code == 204


def test_schemas(service):
    listed = agreed(service.get("/schema/"), "/schema/")

    for schema in listed["results"]:
        assert agreed(service.get(f"/schema/{schema['id']}/"), "/schema/{id}/") == schema


def test_schemas_are_made(service):
    offered(service, "post", "/schema/")
    fields = {"type": "object", "properties": {"total": {"type": "number", "description": "The sum to be paid"}}}
    new = {"name": "n", "description": "d", "additional_informations": None, "schema": fields}

    made = service.session.post(service.root + "/schema/", json=new)
    wrong = service.session.post(service.root + "/schema/", json={})

    agreed(made, "/schema/")
    agreed(wrong, "/schema/")
    agreed(service.get(f"/schema/{made.json()['id']}/"), "/schema/{id}/")
    assert (made.status_code, wrong.status_code) == (201, 400)


def test_sample_schemas_are_of_the_language(service):
    language = {"$ref": "#/components/schemas/ExtractionSchemaRoot"}

    found = [result["schema"] for result in service.get("/schema/").json()["results"] if result["schema"]]

    assert len(found) >= 3
    assert [complaints(language, schema) for schema in found] == [[]] * len(found)


def test_workflow(service, pdf):
    offered(service, "post", "/workflow/{id}/extract/")
    with pdf.open("rb") as one, pdf.open("rb") as two:
        files = {"extracts[0][document]": one, "extracts[1][document]": two}
        answer = service.session.post(f"{service.root}/workflow/{WORKFLOW}/extract/", files=files)

    body = agreed(answer, "/workflow/{id}/extract/")

    assert answer.status_code == 201
    assert [list(extract) for extract in body] == [DETAIL_FIELDS] * 2
    for extract in body:
        service.delete(f"/extract/{extract['id']}/")


def test_files(service, finished):
    document = agreed(service.get(finished["document_url"]), "/document/{id}/")

    assert document.startswith(b"%PDF")
    assert finished["content_images"] != []
    for image in finished["content_images"]:
        assert agreed(service.get(image["url"]), "/images/{id}/").startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (method, path)
        for path, operations in contract()["paths"].items()
        for method in operations
        if method in ("get", "post", "delete")
    ],
)
def test_refusals_of_every_operation(service, method, path):
    """Without a key and with a wrong one 401; 404 for what does not exist."""
    offered(service, method, path)
    url = service.root + path.replace("{id}", UNKNOWN)

    for headers in ({}, {"Authorization": "wrong"}):
        answer = requests.request(method, url, headers=headers, timeout=60)
        agreed(answer, path)
        assert answer.status_code == 401
    if "{id}" in path:
        answer = service.session.request(method, url, timeout=60)
        agreed(answer, path)
        assert answer.status_code == 404


def test_wrong_uploads_and_pages(service, pdf, tmp_path):
    for answer in (
        service.upload(pdf, server="XX"),
        service.upload(make.docx_named_pdf(tmp_path)),
        service.upload(pdf, "?pdf_page_start=9"),
        service.get("/extract/?page=999"),
    ):
        agreed(answer, "/extract/")
        assert answer.status_code in (400, 404)


def test_webhook_bodies(finished):
    """What a webhook carries is the detail form with the ids of the pictures."""
    event = resolved({"$ref": "#/components/schemas/ExtractEvent"})
    sample = {
        "id": UNKNOWN,
        "event": "extract.completed",
        "timestamp": "2025-06-25T14:45:26Z",
        "data": finished,
    }

    assert complaints(event, sample) == []
    assert complaints(event, sample | {"data": {}}) != []
