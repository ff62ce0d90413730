import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from extractions.forwarding.api import transport
from extractions.forwarding.api.answers import error_text
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.api.multipart import GatedMultipartBody, UploadRequest
from tests.fake_api import KEY, Delivery, Fault

PDF = b"%PDF-1.7\r\n--not-a-boundary\r\n" + bytes(range(256)) * 900


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "stored.pdf"
    path.write_bytes(PDF)
    return UploadRequest(
        path=path,
        name='Facture "été" 2026.PDF',
        mime="application/pdf",
        size=len(PDF),
        sha256=hashlib.sha256(PDF).hexdigest(),
        key="3f1c",
        server="EU-1",
        schema="schema-1",
        classifier="classifier-1",
        metadata={"client": "Müller", "portal_key": "forged"},
        page_start=2,
        page_end=3,
    )


def create(client, document):
    return client.create(document, checkpoint=lambda: None, gate=lambda: None)


def test_an_upload_has_every_field_and_the_document_last(api, client_of, document):
    status, answer = create(client_of, document)

    assert (status, answer.status, answer.portal_key) == (201, "CREATED", "3f1c")
    seen = api.uploads()[0]
    assert [name for name, _file, _content in seen.parts] == ["metadata", "server", "schema", "classifier", "document"]
    assert seen.parts[1:4] == [
        ("server", "", b"EU-1"),
        ("schema", "", b"schema-1"),
        ("classifier", "", b"classifier-1"),
    ]
    assert seen.parts[4] == ("document", "Facture %22été%22 2026.3f1c.pdf", PDF)
    assert answer.metadata == {"client": "Müller", "portal_key": "3f1c"}
    assert seen.query == {"pdf_page_start": "2", "pdf_page_end": "3"}
    assert seen.headers["Authorization"] == KEY
    assert int(seen.headers["Content-Length"]) > len(PDF)
    assert "Transfer-Encoding" not in seen.headers


def test_what_was_not_chosen_is_left_out(api, client_of, document):
    create(client_of, replace(document, schema=None, classifier=None, page_start=None, page_end=None))

    seen = api.uploads()[0]
    assert [name for name, _file, _content in seen.parts] == ["metadata", "server", "document"]
    assert seen.query == {}


def test_a_large_file_is_never_held_in_memory(document):
    blocks = [len(block) for block in GatedMultipartBody(document, checkpoint=lambda: None, gate=lambda: None)]

    assert max(blocks) <= 64 * 1024
    assert sum(blocks) == len(GatedMultipartBody(document, checkpoint=lambda: None, gate=lambda: None))


def test_the_scheme_word_stands_before_the_key(api, document):
    api.key = f"Token {KEY}"

    create(Client(api.url, KEY, "Token"), document)

    assert api.uploads()[0].headers["Authorization"] == f"Token {KEY}"


def test_the_environment_has_no_say(api, client_of, document, monkeypatch, tmp_path):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert create(client_of, document)[0] == 201


def test_a_redirect_of_a_read_is_not_followed(api, client_of):
    api.inject("/extract/1/", Fault(301, headers={"Location": f"{api.url}/extract/2/"}))

    with pytest.raises(ApiUnavailable) as error:
        client_of.retrieve("1")

    assert error.value.code == "wrong_address"
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(401, {"detail": "no"}), "key_refused"),
        (Fault(403, {"detail": "no"}), "unavailable"),
        (Fault(429, {}, {"Retry-After": "7"}), "rate"),
        (Fault(500, b"<html>"), "unavailable"),
        (Fault(202, b""), "unavailable"),
        (Fault(200, b"<html>a login page</html>"), "corrupt"),
        (Fault(200, [1, 2]), "corrupt"),
        (Fault(200, {"status": "FINISHED"}), "corrupt"),
        (Fault(200, b"[" * 100_000), "corrupt"),
        (Fault(delivery=Delivery.CUT), "unavailable"),
    ],
)
def test_a_read_that_fails_is_made_again_later(api, client_of, fault, code):
    api.inject("/extract/", fault)

    with pytest.raises(ApiUnavailable) as error:
        client_of.retrieve("1")

    assert error.value.code == code


def test_202_with_an_id_is_an_answer(api, client_of):
    api.inject("/extract/", Fault(202, {"id": "1", "status": "IN_PROGRESS"}))

    assert client_of.retrieve("1").status == "IN_PROGRESS"


def test_an_unknown_id_is_gone(api, client_of):
    with pytest.raises(ApiRejected) as error:
        client_of.retrieve("1")

    assert (error.value.code, error.value.detail) == ("gone", "No Extract matches the given query.")


def test_a_drip_is_cut_at_the_deadline(api, client_of, monkeypatch):
    monkeypatch.setattr(transport, "READ_SECONDS", 0.3)
    api.inject("/extract/", Fault(200, {"id": "1", "padding": "x" * 5000}, delivery=Delivery.DRIP, pause=0.01))
    begun = time.monotonic()

    with pytest.raises(ApiUnavailable):
        client_of.retrieve("1")

    assert time.monotonic() - begun < 50, "it would have dripped for longer"


def test_an_endless_answer_is_not_read_to_its_end(api, client_of, monkeypatch):
    monkeypatch.setattr("extractions.forwarding.api.transport.MAX_ANSWER_BYTES", 1000)
    api.inject("/images/", Fault(200, b"x" * 5000))

    with pytest.raises(ApiUnavailable):
        client_of.fetch("/images/1/", limit=1000)


@pytest.mark.parametrize("when", [30, None])
def test_retry_after_may_be_a_number_or_a_date(api, client_of, when):
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=31), usegmt=True)
    api.inject("/extract/", Fault(429, {}, {"Retry-After": str(when or moment)}))

    with pytest.raises(ApiUnavailable) as error:
        client_of.retrieve("1")

    assert 25 <= error.value.retry_after <= 31


def test_lists_are_followed_to_their_end_on_our_own_host(api, client_of):
    for number in range(120):
        api.add(f"{number}.pdf", {})

    found = client_of.search()

    assert len(found.items) == 120
    assert found.complete
    assert [request.query["page"] for request in api.requests] == ["1", "2", "3"]


def test_a_list_that_never_ends_is_not_complete(api, client_of):
    endless = {"results": [{"id": "1"}], "next": "/extract/?page=2"}
    api.inject("/extract/", *(Fault(200, endless) for _ in range(30)))

    found = client_of.search()

    assert not found.complete
    assert len(found.items) == 1


def test_a_list_that_goes_round_in_circles_is_not_followed(api, client_of):
    endless = {"results": [{"id": "1"}], "next": "/extract/?page=2"}
    api.inject("/extract/", *(Fault(200, endless) for _ in range(30)))

    client_of.search()

    assert len(api.requests) == 2


def test_a_further_page_that_is_gone_says_nothing_about_the_address(api, client_of):
    first = {"results": [{"id": "1"}], "next": "/extract/?page=2"}
    api.inject("/extract/", Fault(200, first), Fault(404, {"detail": "Invalid page."}))

    found = client_of.search()

    assert (len(found.items), found.complete) == (1, False)


def test_a_list_whose_next_page_has_no_address_is_no_answer(api, client_of):
    api.inject("/extract/", Fault(200, {"results": [{"id": "1"}], "next": "http://[::1/extract/?page=2"}))

    with pytest.raises(ApiUnavailable) as error:
        client_of.search()

    assert error.value.code == "corrupt"


def test_a_list_without_pages_is_a_list(api, client_of):
    api.inject("/schema/", Fault(200, [{"id": "1", "name": "Invoice"}, "rubbish", {"name": "no id"}]))

    assert [schema.name for schema in client_of.schemas()] == ["Invoice"]


@pytest.mark.parametrize(
    "url", ["/images/1/", "images/1/", "{own}/images/1/"], ids=["relative to the host", "relative", "absolute"]
)
def test_files_are_fetched_from_the_own_address(api, client_of, url):
    api.files["/images/1/"] = ("image/jpeg", b"\xff\xd8\xff")

    assert client_of.fetch(url.format(own=api.url), limit=100) == b"\xff\xd8\xff"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/x",
        "//elsewhere.example.com/x",
        "http://127.0.0.1:1/x",
        "file:///etc/passwd",
        # Read by Python as an address of ours, and by what opens the connection as one of somebody else's.
        "http://elsewhere.example.com\\@{ours}/x",
        "http://127.0.0.1:99999/x",
        "http://127.0.0.1:none/x",
        "http://[::1/x",
    ],
)
def test_the_key_goes_nowhere_else(api, client_of, url):
    with pytest.raises(ApiRejected) as error:
        client_of.fetch(url.format(ours=api.url.partition("//")[2]), limit=100)

    assert error.value.code == "foreign"
    assert api.requests == []


def test_a_file_may_have_moved_on_the_own_address_only(api, client_of):
    api.files["/b/"] = ("image/png", b"png")
    api.inject("/a/", Fault(302, headers={"Location": "/b/"}))
    api.inject("/c/", Fault(302, headers={"Location": "http://elsewhere.example.com/b/"}))

    assert client_of.fetch("/a/", limit=100) == b"png"
    with pytest.raises(ApiRejected):
        client_of.fetch("/c/", limit=100)


def test_a_redirect_to_what_is_no_address_is_a_failure_like_others(api, client_of, document):
    nowhere = Fault(302, headers={"Location": "http://[::1/b/"})
    api.inject("/a/", nowhere)
    api.inject("create", nowhere)

    with pytest.raises(ApiUnavailable):
        client_of.fetch("/a/", limit=100)
    with pytest.raises(ApiUnclear):
        create(client_of, document)


@pytest.mark.parametrize("status", [200, 202, 204, 404])
def test_a_deletion_succeeds_whatever_was_there(api, client_of, status):
    api.inject("delete", Fault(status, b"", accept=False))

    client_of.delete("1")

    assert (api.requests[0].method, api.requests[0].path) == ("DELETE", "/extract/1/")


def test_a_service_without_classifiers_is_fine(api, client_of):
    assert client_of.classifiers() is None
    api.classifiers = [{"id": "1", "name": "Kinds"}]
    assert client_of.classifiers() == api.classifiers


def test_an_address_with_a_path_keeps_it(api):
    client = Client(f"{api.url}/v/", KEY)
    api.files["/v/images/1/"] = ("image/jpeg", b"jpeg")

    assert client.fetch("/images/1/", limit=100) == b"jpeg"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"document": ["No file was submitted."]}', "document: No file was submitted."),
        (b'{"server": "wrong"}', "server: wrong"),
        (b'{"extracts": {"0": {"document": ["Empty."]}}}', "extracts.0.document: Empty."),
        (b'{"non_field_errors": ["Both or none."]}', "Both or none."),
        (b'{"detail": "Token is expired", "code": "x", "messages": [{"a": "b"}]}', "Token is expired"),
        (b'["one", "two"]', "one\ntwo"),
        (b"<html><head><title>502 Bad\n Gateway</title></head><body>nginx</body></html>", "502 Bad Gateway"),
        (b"<html><body>no title</body></html>", ""),
        (b"upstream timed out", "upstream timed out"),
        (b"", ""),
        (b"\xff\xfe\x00", "\ufffd\ufffd"),
        ('{"detail": "Crédits épuisés"}'.encode(), "Crédits épuisés"),
    ],
)
def test_the_words_of_an_error_are_found_in_any_shape(body, sentence):
    assert error_text(body) == sentence
