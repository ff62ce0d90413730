"""Schemas as they are made and read, and documents that come through a workflow."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from engine.models import Extract

FIELDS = ["id", "name", "description", "additional_informations", "schema", "created_at", "updated_at"]
SCHEMA = {
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": "string", "description": "first"},
        "Invoice n° 1.5": {"type": "enum", "enum": ["x", "y"], "context:descriptions": ["ex", "why"]},
        "rows": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "number"}}}},
    },
}


def test_a_schema_is_made_and_read_again(client):
    made = client.post("/schema/", {"name": "Mine", "description": "", "schema": SCHEMA}, format="json")
    wanted = client.post("/schema/", {"name": "Mine", "description": "d", "schema": SCHEMA}, format="json")
    read = client.get(f"/schema/{wanted.json()['id']}/")

    assert made.json() == {"description": ["This field may not be blank."]}
    assert wanted.status_code == 201
    assert list(read.json()) == FIELDS
    assert read.json() == wanted.json()
    assert read.json()["schema"] == SCHEMA
    assert read.json()["additional_informations"] is None


def test_a_schema_may_be_null_but_not_missing(client):
    null = client.post("/schema/", {"name": "n", "description": "d", "schema": None}, format="json")
    missing = client.post("/schema/", {}, format="json")

    assert null.status_code == 201
    assert missing.json() == {name: ["This field is required."] for name in ("schema", "name", "description")}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ([], "Must be a JSON object."),
        ({"type": "array"}, 'The schema itself must have "type": "object".'),
        ({"type": "object"}, 'schema: "properties" must be a JSON object.'),
        ({"type": "object", "properties": {"a": {"type": "date"}}}, "schema.a:"),
        ({"type": "object", "properties": {"a": {"type": "array"}}}, "schema.a.items:"),
        ({"type": "object", "properties": {"a": {"type": "enum"}}}, 'schema.a: "enum"'),
        ({"type": "object", "properties": {"a": {"type": ["string", "null"]}}}, "schema.a:"),
        ({"type": "object", "properties": {}, "required": [1]}, 'schema: "required"'),
        ({"type": "object", "properties": {str(n): {"type": "string"} for n in range(501)}}, "501 fields"),
    ],
)
def test_what_is_wrong_with_a_schema_is_said_with_its_path(client, schema, said):
    answer = client.post("/schema/", {"name": "n", "description": "d", "schema": schema}, format="json")

    assert answer.status_code == 400
    assert said in answer.json()["schema"][0]


def test_a_body_of_nothing_but_brackets_is_400(client):
    answer = client.post("/schema/", "[" * 100_000, content_type="application/json")

    assert answer.status_code == 400


def test_schemas_are_listed_page_by_page(client):
    page = client.get("/schema/?size=2&page=2").json()

    assert page["count"] == 3
    assert page["previous"] == "http://testserver/schema/?size=2"
    assert list(page["results"][0]) == FIELDS


def test_schemas_cannot_be_changed(client, alice):
    assert client.delete(f"/schema/{alice.schemas.first().pk}/").status_code == 405


def test_documents_of_a_workflow_get_its_options_and_one_session(client, alice, pdf):
    workflow = alice.workflows.get()
    form = {
        "extracts[1][document]": SimpleUploadedFile("second.pdf", pdf.read_bytes()),
        "extracts[0]document": SimpleUploadedFile("first.pdf", pdf.read_bytes()),
    }

    answer = client.post(f"/workflow/{workflow.pk}/extract/", form, format="multipart")

    first, second = answer.json()
    assert answer.status_code == 201
    assert (first["document_name"], second["document_name"]) == ("first.pdf", "second.pdf")
    assert first["schema"] == str(workflow.schema_id)
    assert first["classifier"] == str(workflow.classifier_id)
    assert first["workflow"] == str(workflow.pk)
    assert first["server"] == "FR-1"
    assert first["workflow_session_id"] == second["workflow_session_id"]
    found = client.get(f"/extract/?workflow_session_id={first['workflow_session_id']}&workflow_id={workflow.pk}")
    assert found.json()["count"] == 2


def test_every_call_of_a_workflow_is_a_session_of_its_own(client, alice, pdf):
    url = f"/workflow/{alice.workflows.get().pk}/extract/"

    sessions = []
    for _ in range(3):
        form = {"extracts[0][document]": SimpleUploadedFile("a.pdf", pdf.read_bytes())}
        sessions.append(client.post(url, form, format="multipart").json()[0]["workflow_session_id"])

    assert len(set(sessions)) == 3


def test_a_workflow_takes_all_documents_or_none(client, alice, pdf):
    form = {
        "extracts[0][document]": SimpleUploadedFile("good.pdf", pdf.read_bytes()),
        "extracts[1][document]": SimpleUploadedFile("bad.pdf", b"no document"),
    }

    answer = client.post(f"/workflow/{alice.workflows.get().pk}/extract/", form, format="multipart")

    assert answer.status_code == 400
    assert answer.json() == {"extracts": {"1": {"document": ["The file is not a PDF, PNG or JPEG document."]}}}
    assert not Extract.objects.exists()


def test_a_workflow_without_documents(client, alice):
    answer = client.post(f"/workflow/{alice.workflows.get().pk}/extract/", {}, format="multipart")

    assert answer.json() == {"extracts": ["This field is required."]}


def test_a_foreign_workflow_does_not_exist(stranger, alice, pdf):
    form = {"extracts[0][document]": SimpleUploadedFile("a.pdf", pdf.read_bytes())}

    answer = stranger.post(f"/workflow/{alice.workflows.get().pk}/extract/", form, format="multipart")

    assert answer.status_code == 404
