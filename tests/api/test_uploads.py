"""Uploads by programs: received like those of people, and each paid once."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from extractions.intake.inspection_slots import MAX_PER_PERSON, inspection_slot
from extractions.models import Budget, Extraction, IdempotencyKey
from portal.audit.models import Entry
from portal.people.models import ApiToken
from tests.api.program import DETAIL_FIELDS, UNKNOWN, agreed
from tests.factories import (
    State,
    jpeg,
    make_classifier,
    make_extraction,
    make_schema,
    pdf,
)

pytestmark = pytest.mark.django_db


def test_an_upload_becomes_a_document_of_the_tokens_owner(program, alice, team):
    schema, classifier = make_schema(), make_classifier()

    answer = program.upload(
        pdf(3),
        query="?pdf_page_start=2&pdf_page_end=3",
        schema=schema.remote_id,
        classifier=classifier.remote_id,
        metadata='{"project": "B-204", "lines": [1, {"a": null}]}',
    )

    body = agreed(answer, "post", "/extract/")
    row = Extraction.objects.get()
    assert answer.status_code == 201
    assert list(body)[: len(DETAIL_FIELDS)] == DETAIL_FIELDS
    assert all(name.startswith("x_") for name in list(body)[len(DETAIL_FIELDS) :])
    assert (row.owner, row.team, row.state, str(row.key)) == (alice, team, State.QUEUED, body["id"])
    assert (row.schema, row.classifier, row.pdf_page_start, row.pdf_page_end) == (schema, classifier, 2, 3)
    assert row.metadata == body["metadata"] == {"project": "B-204", "lines": [1, {"a": None}]}
    assert (body["status"], body["schema"], body["extracted_data"]) == ("CREATED", schema.remote_id, None)
    with row.document.open() as file:
        assert file.read() == pdf(3)
    received = Entry.objects.get(action="received")
    assert (received.person_id, received.team_id, received.after["token"]) == (alice.pk, team.pk, str(program.token))


def test_pages_of_a_picture_are_of_no_use_and_do_no_harm(program):
    answer = program.upload(jpeg(), name="photo.jpg", query="?pdf_page_start=1&pdf_page_end=9")

    assert answer.status_code == 201
    assert Extraction.objects.get().pdf_page_end is None


WRONG_UPLOADS = {
    "server": ({"server": "XX"}, "server"),
    "schema": ({"schema": UNKNOWN}, "schema"),
    "classifier": ({"classifier": "x"}, "classifier"),
    "metadata": ({"metadata": "{"}, "metadata"),
    "metadata list": ({"metadata": "[]"}, "metadata"),
    "metadata nul": ({"metadata": '{"a": ["\\u0000"]}'}, "metadata"),
    "metadata surrogate": ({"metadata": '{"\\ud800": 1}'}, "metadata"),
    "metadata nan": ({"metadata": '{"a": NaN}'}, "metadata"),
    "metadata deep": ({"metadata": '{"a":' * 30 + "1" + "}" * 30}, "metadata"),
    "pages": ({"query": "?pdf_page_start=9"}, "pdf_page_end"),
    "page": ({"query": "?pdf_page_start=0"}, "pdf_page_start"),
    "no file": ({"document": ""}, "document"),
    "empty": ({"content": b""}, "document"),
    "type": ({"content": b"PK\x03\x04 word/document.xml"}, "document"),
    "broken": ({"content": b"%PDF-1.7 and no more"}, "document"),
}


@pytest.mark.parametrize("wrong", WRONG_UPLOADS)
def test_what_is_wrong_is_said_by_field_and_nothing_is_kept(program, settings, wrong):
    given, field = WRONG_UPLOADS[wrong]

    answer = program.upload(**given)

    assert answer.status_code == 400
    assert list(agreed(answer, "post", "/extract/")) == [field]
    assert not Extraction.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_several_fields_are_said_at_once(program):
    answer = program.upload(server="XX", query="?pdf_page_end=x", metadata="[")

    assert sorted(answer.json()) == ["metadata", "pdf_page_end", "server"]


def test_null_is_left_out_or_said_by_name(program):
    assert program.upload(schema="null", classifier="", metadata="null").json()["schema"] is None


def test_only_multipart_is_taken(program):
    answer = program.request("post", "/extract/", data="{}", content_type="application/json")

    assert (answer.status_code, list(answer.json())) == (415, ["detail"])


def test_the_same_file_and_options_are_paid_once(program):
    first = program.upload(metadata='{"b": 1, "a": 2}')
    again = program.upload(metadata='{"a": 2, "b": 1}', name="renamed.pdf")
    other = program.upload(metadata='{"a": 3}')

    assert again.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert "X-Existing-Document" not in first.headers
    assert again.headers["X-Existing-Document"] == "same-file"
    assert other.json()["id"] != first.json()["id"]
    assert Extraction.objects.count() == 2


def test_a_token_can_refuse_repeats_instead(connect, alice):
    program = connect(alice, repeats=ApiToken.Repeat.REFUSE)
    first = program.upload()

    again = program.upload()

    assert again.status_code == 400
    assert first.json()["id"] in agreed(again, "post", "/extract/")["document"][0]
    assert Extraction.objects.count() == 1


def test_what_failed_can_be_sent_anew(program):
    first = program.upload().json()["id"]
    Extraction.objects.update(state=State.FAILED, next_try_at=None)

    again = program.upload()

    assert again.json()["id"] != first
    assert program.upload().json()["id"] == again.json()["id"]


def test_what_a_browser_sent_is_not_paid_again(program, alice):
    there = make_extraction(owner=alice, state=State.EXTRACTED)

    assert program.upload().json()["id"] == str(there.key)


def test_another_teams_document_is_not_given_away(connect, charlie, program):
    theirs = program.upload().json()["id"]

    ours = connect(charlie).upload()

    assert ours.json()["id"] != theirs
    assert Extraction.objects.count() == 2


def test_the_same_idempotency_key_is_the_same_document(program):
    key = {"headers": {"Idempotency-Key": "order 7"}}
    first = program.upload(**key)
    Extraction.objects.update(state=State.FAILED, next_try_at=None, server="FR-3")

    again = program.upload(**key)

    assert again.json()["id"] == first.json()["id"]
    assert again.headers["X-Existing-Document"] == "same-key"
    assert Extraction.objects.count() == 1


def test_the_same_key_with_another_request_is_refused(program):
    key = {"headers": {"Idempotency-Key": "order 7"}}
    program.upload(**key)

    other_file = program.upload(pdf(2), **key)
    other_options = program.upload(server="FR-2", **key)

    assert [other_file.status_code, other_options.status_code] == [422, 422]
    assert Extraction.objects.count() == 1


def test_a_key_says_that_its_document_is_deleted_rather_than_paying_again(program):
    key = {"headers": {"Idempotency-Key": "order 7"}}
    first = program.upload(**key).json()["id"]
    program.delete(f"/extract/{first}/")

    answer = program.upload(**key)

    assert answer.status_code == 410
    assert Extraction.objects.count() == 1


def test_keys_are_of_one_sender_and_end_after_a_month(program, connect, bob):
    key = {"headers": {"Idempotency-Key": "order 7"}}
    program.upload(**key)

    theirs = connect(bob).upload(pdf(2), **key)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=31))
    program.upload(pdf(3))
    program.upload(pdf(4), headers={"Idempotency-Key": "another"})

    assert theirs.status_code == 201
    assert IdempotencyKey.objects.filter(person=program.token.person).count() == 1


def test_a_long_idempotency_key_is_refused(program):
    answer = program.upload(headers={"Idempotency-Key": "x" * 256})

    assert (answer.status_code, list(answer.json())) == (400, ["Idempotency-Key"])


def test_the_cap_of_the_team_holds(program, team):
    Budget.objects.create(team=team, cap=1)

    answer = program.upload()

    assert answer.status_code == 403
    assert "spend this month" in agreed(answer, "post", "/extract/")["credits"][0]
    assert not Extraction.objects.exists()


def test_a_file_with_a_strange_name_is_taken(program):
    document = SimpleUploadedFile("../../etc/\u202epasswd\x00.pdf", pdf(), "application/pdf")

    answer = program.request("post", "/extract/", data={"document": document, "server": "FR-1"})

    assert answer.status_code in (201, 400)
    assert all("/" not in row.name and "\x00" not in row.name for row in Extraction.objects.all())


def test_too_many_files_at_a_time_are_told_to_wait(program, alice):
    with inspection_slot(alice.pk), inspection_slot(alice.pk), inspection_slot(alice.pk):
        answer = program.upload()

    assert MAX_PER_PERSON == 3
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert not Extraction.objects.exists()
