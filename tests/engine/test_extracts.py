"""The operations on extracts, by the reference."""

from __future__ import annotations

import json
import re

import pytest
from rest_framework.test import APIClient

from engine import accounts
from engine.models import ApiKey, Extract, Status
from tests.documents import make
from tests.engine.conftest import client_of, extract_of, upload_by

FIELDS = [
    "id",
    "document_name",
    "document_url",
    "content_images",
    "server",
    "content",
    "extracted_data",
    "schema",
    "classifier",
    "classifier_result",
    "workflow",
    "workflow_session_id",
    "status",
    "extraction_step",
    "extraction_time",
    "credit_used",
    "metadata",
    "created_at",
]
LIST_FIELDS = [
    "id",
    "document_name",
    "document_url",
    "workflow",
    "workflow_session_id",
    "schema",
    "status",
    "extraction_step",
    "extraction_time",
    "credit_used",
    "metadata",
    "created_at",
]


def test_upload_answers_with_every_documented_field_in_order(client, pdf):
    answer = upload_by(client, pdf, metadata='{"portal_key": "k", "n": 1}')

    body = answer.json()
    assert answer.status_code == 201
    assert list(body) == FIELDS
    assert body["status"] == "CREATED"
    assert body["extraction_step"] == "OCR"
    assert body["content_images"] == []
    assert body["metadata"] == {"portal_key": "k", "n": 1}
    assert re.fullmatch(r"/document/[0-9a-f-]{36}/\?type=extract", body["document_url"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", body["created_at"])
    assert {name for name in FIELDS if body[name] is None} == {
        "content", "extracted_data", "schema", "classifier", "classifier_result", "workflow", "workflow_session_id",
        "extraction_time", "credit_used",
    }  # fmt: skip


def test_the_sent_bytes_come_back(client, stranger, pdf):
    url = upload_by(client, pdf).json()["document_url"]

    answer = client.get(url)

    assert b"".join(answer.streaming_content) == pdf.read_bytes()
    assert answer["Content-Type"] == "application/pdf"
    assert stranger.get(url).status_code == 404


@pytest.mark.parametrize("form", ["{}", "Token {}", "Bearer {}", "bearer {}"])
def test_the_key_comes_bare_or_after_a_scheme_word(alice, form):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=form.format(ApiKey.issue(alice, "test", "inf")))

    assert client.get("/extract/").status_code == 200


def test_without_a_key_only_detail_is_said(db):
    answer = APIClient().get("/extract/")

    assert answer.status_code == 401
    assert answer.json() == {"detail": "Authentication credentials were not provided."}


@pytest.mark.parametrize(("lifetime", "said"), [("1m", "Token is expired"), (None, "Token is invalid")])
def test_a_key_that_does_not_count(alice, lifetime, said):
    key = "unknown"
    if lifetime:
        key = ApiKey.issue(alice, "old", lifetime)
        ApiKey.objects.update(expires_at="2020-01-01T00:00:00Z")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=key)

    answer = client.get("/schema/")

    assert answer.status_code == 401
    assert answer.json() == {
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [{"token_class": "AccessToken", "token_type": "access", "message": said}],
    }


def test_keys_are_not_stored(alice):
    key = ApiKey.issue(alice, "test", "3m")

    stored = ApiKey.objects.get()

    assert key not in json.dumps(list(ApiKey.objects.values()), default=str)
    assert stored.expires_at is not None


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"server": "XX"}, "server"),
        ({"server": ""}, "server"),
        ({"schema": "nope"}, "schema"),
        ({"schema": "8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f99"}, "schema"),
        ({"classifier": "1"}, "classifier"),
        ({"metadata": "no json"}, "metadata"),
        ({"metadata": "[1]"}, "metadata"),
        ({"metadata": '{"a": NaN}'}, "metadata"),
        ({"metadata": '{"a": "\\ud800"}'}, "metadata"),
        ({"metadata": '{"a":' * 100 + "1" + "}" * 100}, "metadata"),
        ({"metadata": "[" * 100_000}, "metadata"),
    ],
)
def test_wrong_fields_are_named(client, pdf, form, field):
    answer = upload_by(client, pdf, **form)

    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert isinstance(answer.json()[field][0], str)
    assert not Extract.objects.exists()


def test_a_document_is_required(client):
    answer = client.post("/extract/", {"server": "FR-1"}, format="multipart")

    assert answer.json() == {"document": ["No file was submitted."]}


@pytest.mark.parametrize(
    ("maker", "said"),
    [
        (make.docx_named_pdf, "not a PDF, PNG or JPEG"),
        (make.gif_named_png, "not a PDF, PNG or JPEG"),
        (make.locked_pdf, "password"),
        (make.damaged_pdf, "damaged"),
        (make.bomb_png, "pixels"),
    ],
)
def test_a_file_is_checked_by_its_content(client, tmp_path, maker, said):
    answer = upload_by(client, maker(tmp_path))

    assert answer.status_code == 400
    assert said in answer.json()["document"][0]


def test_a_png_is_taken_whatever_its_name(client, tmp_path):
    picture = make.png(tmp_path).rename(tmp_path / "scan.pdf")

    extract = extract_of(upload_by(client, picture, "?pdf_page_start=99999999999999999999"))

    assert (extract.media_type, extract.pages, extract.page_start) == ("image/png", 1, None)


def test_a_file_over_the_limit_is_refused_and_not_kept(client, settings, pdf):
    settings.ENGINE_MAX_UPLOAD = 100

    answer = upload_by(client, pdf)

    assert answer.json() == {"document": ["The file is larger than is allowed."]}
    assert list(settings.FILE_UPLOAD_TEMP_DIR.iterdir()) == []


def test_too_many_pages_are_refused(client, settings, five_pages):
    settings.ENGINE_MAX_PAGES = 4

    assert upload_by(client, five_pages).json() == {"document": ["The document has 5 pages; 4 are allowed."]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?pdf_page_start=6", "pdf_page_start"),
        ("?pdf_page_start=0", "pdf_page_start"),
        ("?pdf_page_end=6", "pdf_page_end"),
        ("?pdf_page_start=3&pdf_page_end=2", "pdf_page_end"),
        ("?pdf_page_start=x", "pdf_page_start"),
    ],
)
def test_a_page_range_must_lie_within_the_document(client, five_pages, query, field):
    answer = upload_by(client, five_pages, query)

    assert answer.status_code == 400
    assert list(answer.json()) == [field]


@pytest.mark.parametrize(
    ("query", "pages"),
    [
        ("", 5),
        ("?pdf_page_start=2&pdf_page_end=3", 2),
        ("?pdf_page_start=5", 1),
        ("?pdf_page_end=4&pdf_page_start=", 4),
    ],
)
def test_only_the_pages_that_are_read_are_counted(client, alice, five_pages, query, pages):
    schema, classifier = alice.schemas.first(), alice.classifiers.first()

    plain = extract_of(upload_by(client, five_pages, query))
    full = extract_of(upload_by(client, five_pages, query, schema=schema.pk, classifier=classifier.pk))

    assert (plain.pages, plain.price, full.price) == (pages, 2 * pages, 4 * pages)


def test_an_account_without_enough_credits_gets_403_by_field(client, alice, five_pages, pdf):
    alice.credits_granted = 11
    alice.save()
    first = upload_by(client, five_pages)

    second = upload_by(client, pdf)

    assert first.status_code == 201
    assert second.status_code == 403
    assert second.json() == {"document": ["Not enough credits: 2 needed, 1 left."]}
    assert Extract.objects.count() == 1


def test_a_refused_document_leaves_no_file(client, alice, pdf, settings):
    alice.credits_granted = 0
    alice.save()

    upload_by(client, pdf)

    assert [path for path in settings.ENGINE_DATA_DIR.rglob("*") if path.is_file()] == []


def test_foreign_schemas_and_classifiers_do_not_exist(client, charlie, pdf):
    theirs = charlie.schemas.first()

    answer = upload_by(client, pdf, schema=theirs.pk)

    assert answer.status_code == 400
    assert client.get(f"/schema/{theirs.pk}/").status_code == 404


def test_the_list_is_a_page_of_short_objects_newest_first(client, alice, pdf):
    upload_by(client, pdf, schema=alice.schemas.get(name="Invoice").pk)
    newest = upload_by(client, pdf).json()

    page = client.get("/extract/?size=1").json()
    older = client.get(page["next"]).json()

    assert list(page) == ["count", "next", "previous", "results"]
    assert page["count"] == 2
    assert page["next"] == "http://testserver/extract/?page=2&size=1"
    assert list(page["results"][0]) == LIST_FIELDS
    assert page["results"][0]["id"] == newest["id"]
    assert older["results"][0]["schema"]["name"] == "Invoice"
    assert next(iter(older["results"][0]["schema"])) == "name"


def test_a_page_past_the_end_is_404(client):
    answer = client.get("/extract/?page=2")

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Invalid page."}


@pytest.fixture
def three(client, pdf):
    """Metadata of three extracts, in the order of their upload."""
    values = ['{"key": "a", "n": 7}', '{"key": "b", "other": "a"}', '{"nested": {"key": "a"}, "n": "7"}']
    return [upload_by(client, pdf, metadata=value).json()["id"] for value in values]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("meta_key=key&meta_value=a", [0]),
        ("meta_key=key", [0, 1]),
        ("meta_value=a", [0, 1]),
        ("meta_key=n&meta_value=7", [0, 2]),
        ("meta_key=key&meta_value=A", []),
        ("meta_key=key&meta_value=", []),
        ("meta_key=nested&meta_value=a", []),
        ('meta_key=nested&meta_value={"key":"a"}', [2]),
        ("meta_key=%22%5D)--&meta_value=a", []),
        ("search=ONE", [0, 1, 2]),
        ("search=nothing", []),
        ("workflow_session_id=1", []),
    ],
)
def test_filters(client, three, pdf, query, found):
    query = query.replace("ONE", pdf.name[:4].upper())

    results = client.get(f"/extract/?{query}").json()["results"]

    assert {result["id"] for result in results} == {three[number] for number in found}


@pytest.mark.parametrize("query", ["search=" + "%" * 60_000, "meta_key=%00", "workflow_session_id=" + "9" * 30])
def test_absurd_filters_do_no_harm(client, query):
    assert client.get(f"/extract/?{query}").status_code in (200, 400)


def test_a_filter_of_the_wrong_kind_is_400(client):
    answer = client.get("/extract/?workflow_id=1&workflow_session_id=x")

    assert answer.status_code == 400
    assert set(answer.json()) == {"workflow_id", "workflow_session_id"}


@pytest.mark.parametrize("path", ["/extract/{}/", "/document/{}/", "/images/{}/"])
def test_ids_that_are_none(client, path):
    assert client.get(path.format("no-uuid")).json() == {"detail": "Not found."}
    assert client.get(path.format("8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f99")).status_code == 404


def test_a_foreign_extract_does_not_exist(client, stranger, pdf):
    mine = upload_by(client, pdf).json()

    for answer in (stranger.get(f"/extract/{mine['id']}/"), stranger.delete(f"/extract/{mine['id']}/")):
        assert answer.status_code == 404
        assert answer.json() == {"detail": "No Extract matches the given query."}
    assert stranger.get("/extract/").json()["count"] == 0
    assert Extract.objects.count() == 1


def test_a_forgotten_slash_is_a_redirect(client):
    for answer in (client.get("/extract"), client.post("/extract", {"server": "FR-1"})):
        assert answer.status_code == 301
        assert answer["Location"] == "/extract/"


def test_unknown_paths_are_404_in_json(client):
    assert client.get("/nothing/here/").json() == {"detail": "Not found."}


def test_an_upload_that_is_no_form_is_415(client):
    assert client.post("/extract/", {"server": "FR-1"}, format="json").status_code == 415


def test_every_account_has_its_own_samples(alice, charlie):
    first = accounts.ensure_default()

    assert {schema.name for schema in alice.schemas.all()} == {"Invoice", "Receipt", "Delivery note"}
    assert str(first.schemas.get(name="Invoice").pk) == "8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f01"
    assert accounts.ensure_default().pk == first.pk
    assert client_of(charlie).get("/x/classifier/").json()["results"][0]["categories"][0]["name"] == "Invoice"


def test_the_balance_counts_what_is_under_way(alice, client, pdf):
    alice.credits_granted, alice.credits_used = 10, 3
    alice.save()
    extract = extract_of(upload_by(client, pdf))

    before, _ = alice.balance, Extract.objects.filter(pk=extract.pk).update(status=Status.ERROR)

    assert (before, alice.balance) == (5, 7)
