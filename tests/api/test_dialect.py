"""The portal speaks the dialect that it forwards to: what a client of the service expects, it gets."""

import json

import pytest
from django.utils import timezone

from extractions.models import Extraction, Value
from portal.audit.models import Entry
from tests.api.program import BASE, UNKNOWN, agreed
from tests.factories import (
    State,
    make_classifier,
    make_content_image,
    make_extraction,
    make_schema,
)

pytestmark = pytest.mark.django_db


def test_a_finished_document_is_told_whole_with_what_people_corrected(program, alice):
    schema = make_schema()
    row = make_extraction(
        owner=alice,
        state=State.EXTRACTED,
        schema=schema,
        content="Invoice",
        extracted_data={"invoice_number": "INV-1", "total": 12.5},
    )
    make_content_image(row, b"\xff\xd8\xff\xe0")
    Value.objects.create(extraction=row, position=1, path="total", text="99", typed=99, corrected=True)

    body = agreed(program.get(f"/extract/{row.key}/"), "get", "/extract/{id}/")

    assert body["status"] == "FINISHED"
    assert body["extracted_data"] == {"invoice_number": "INV-1", "total": 99}
    assert body["content"] == "Invoice"
    assert body["x_page"] == f"http://testserver/extractions/{row.key}/"
    [image] = body["content_images"]
    assert b"".join(program.get(image["url"]).streaming_content).startswith(b"\xff\xd8")
    assert b"".join(program.get(body["document_url"]).streaming_content).startswith(b"%PDF")


def test_files_are_also_where_a_url_join_leads(program, alice):
    row = make_extraction(owner=alice, state=State.EXTRACTED)
    path = program.get(f"/extract/{row.key}/").json()["document_url"]

    answer = program.client.get(path, headers={"Authorization": program.key})

    assert path.startswith("/document/")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert program.client.get(path).status_code == 401


@pytest.mark.parametrize(
    ("state", "more", "status"),
    [
        (State.QUEUED, {}, "CREATED"),
        (State.SENDING, {"lease_until": timezone.now()}, "CREATED"),
        (State.SENT, {"lease_until": timezone.now()}, "CREATED"),
        (State.CHECKING, {}, "CREATED"),
        (State.UNDECIDED, {}, "CREATED"),
        (State.RUNNING, {"status": "CREATED"}, "CREATED"),
        (State.RUNNING, {"status": "IN_PROGRESS", "extraction_step": "PARSING"}, "IN_PROGRESS"),
        (State.EXTRACTED, {}, "FINISHED"),
        (State.FAILED, {}, "ERROR"),
        (State.REJECTED, {}, "ERROR"),
        (State.CANCELLED, {}, "ERROR"),
    ],
)
def test_every_state_has_its_status(program, alice, state, more, status):
    row = make_extraction(owner=alice, state=state, **more)

    body = agreed(program.get(f"/extract/{row.key}/"), "get", "/extract/{id}/")
    listed = agreed(program.get("/extract/"), "get", "/extract/")["results"][0]

    assert (body["status"], listed["status"], body["x_state"]) == (status, status, state)
    assert (body["x_error"] is None) == (status != "ERROR" and state != State.UNDECIDED)


def test_the_list_is_paged_and_filtered(program, alice):
    schema = make_schema("Receipt")
    rows = [
        make_extraction(owner=alice, name=f"{number}.pdf", metadata={"n": number, "portal_key": f"k{number}"})
        for number in range(3)
    ]
    Extraction.objects.filter(pk=rows[0].pk).update(schema=schema)

    def names(query):
        body = agreed(program.get(f"/extract/{query}"), "get", "/extract/")
        return [item["document_name"] for item in body["results"]]

    assert names("") == ["2.pdf", "1.pdf", "0.pdf"]
    assert names("?size=1&page=2") == ["1.pdf"]
    assert names("?search=receip") == ["0.pdf"]
    assert names("?search=2.PDF") == ["2.pdf"]
    assert names("?meta_key=portal_key&meta_value=k1") == ["1.pdf"]
    assert names("?meta_key=n&meta_value=k1") == []
    assert names("?meta_value=2") == ["2.pdf"]
    assert len(names("?meta_key=n")) == 3
    assert names(f"?workflow_id={UNKNOWN}") == []
    assert program.get("/extract/?size=1").json()["next"] == f"http://testserver{BASE}/extract/?page=2&size=1"
    assert program.get("/extract/?page=9").status_code == 404
    assert [program.get(f"/extract/{query}").status_code for query in ("?size=x", "?workflow_id=x", "?page=")] == [
        400, 400, 404,
    ]  # fmt: skip


def test_downloads(program, alice):
    schema = make_schema()
    row = make_extraction(owner=alice, state=State.EXTRACTED, schema=schema, extracted_data={"total": 12.5})
    Value.objects.create(extraction=row, position=1, path="total", text="12.5", typed=12.5)
    make_content_image(row, b"\xff\xd8\xff\xe0")
    plain = make_extraction(owner=alice, state=State.EXTRACTED, extracted_data=None)
    waiting = make_extraction(owner=alice)

    def got(extraction, wanted):
        answer = program.get(f"/extract/{extraction.key}/?download={wanted}")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer.status_code, answer.headers.get("Content-Type", "").partition(";")[0], body

    assert got(row, "csv")[:2] == got(row, "")[:2] == (200, "text/csv")
    assert b"12.5" in got(row, "csv")[2]
    assert json.loads(got(row, "json")[2])["extracted_data"] == {"total": 12.5}
    assert got(row, "images")[2].startswith(b"PK")
    assert got(plain, "csv")[0] == 204
    assert got(waiting, "csv")[0] == 202
    assert got(row, "pdf")[0] == 400
    assert Entry.objects.filter(action="exported", subject_id=str(row.key)).count() == 5


def test_delete(program, alice):
    row = make_extraction(owner=alice, state=State.EXTRACTED)

    deleted = program.delete(f"/extract/{row.key}/")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert program.get(f"/extract/{row.key}/").status_code == 404
    assert program.delete(f"/extract/{row.key}/").status_code == 404


def test_schemas_and_classifiers_are_those_that_the_team_can_use(program):
    schema, gone = make_schema(), make_schema("Gone", missing_since=timezone.now())
    classifier = make_classifier()

    listed = agreed(program.get("/schema/"), "get", "/schema/")
    single = agreed(program.get(f"/schema/{schema.remote_id}/"), "get", "/schema/{id}/")

    assert [item["id"] for item in listed["results"]] == [schema.remote_id]
    assert single == listed["results"][0]
    assert program.get(f"/schema/{gone.remote_id}/").status_code == 200
    assert agreed(program.get(f"/schema/{UNKNOWN}/"), "get", "/schema/{id}/")["detail"]
    [shown] = program.get("/x/classifier/").json()["results"]
    assert (shown["id"], shown["categories"][0]) == (classifier.remote_id, {"name": "Invoice"})
