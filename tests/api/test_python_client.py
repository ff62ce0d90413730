"""The Python client before a portal, and before a proxy that misbehaves."""

import json
import time

import pytest
import requests

from client import Client, Conflict, NotFound, Refused, TimedOut, Unavailable, Unclear
from client.command_line import BAD_OPTIONS, NOT_READ, REFUSED, TIMED_OUT, TRY_LATER, main
from extractions.models import Extraction, Value
from tests.api.program import BASE, UNKNOWN
from tests.factories import State, make_classifier, make_schema, pdf
from tests.fake_api import FaultProxy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def invoice(tmp_path):
    path = tmp_path / "invoice.pdf"
    path.write_bytes(pdf(3))
    return path


@pytest.fixture
def portal(program, live_server):
    return Client(live_server.url + BASE, program.key, patience=0)


@pytest.fixture
def proxy(live_server):
    with FaultProxy(live_server.url) as proxy:
        yield proxy


def finish(**fields):
    finished = {"state": State.EXTRACTED, "next_try_at": None, "evidence_due_at": None, "review_state": "waiting"}
    Extraction.objects.update(**finished | {"extracted_data": {"total": 1}} | fields)
    Value.objects.create(extraction=Extraction.objects.get(), position=0, path="total", text="1", extracted=1, page=1)


def test_a_document_is_sent_read_corrected_approved_and_fetched(portal, connect, bob, invoice):
    schema, classifier = make_schema("Invoice"), make_classifier("Kinds")
    sent = portal.upload(
        invoice, schema="invoice", classifier="Kinds", server="FR-2", pages=(2, 3), metadata={"po": "4711"}
    )
    row = Extraction.objects.get()
    finish()

    read = portal.wait(sent)
    [value] = portal.values(sent)
    corrected = portal.correct(sent, value.path, "1 234,50", version=value.version)
    with pytest.raises(Conflict):
        Client(portal.address, connect(bob).key).correct(sent, value.path, "2", version=value.version)
    approved = portal.approve(sent, "compared with the order")
    reopened = portal.reopen(sent)

    assert (row.schema, row.classifier, row.server, row.metadata) == (schema, classifier, "FR-2", {"po": "4711"})
    assert (row.pdf_page_start, row.pdf_page_end) == (2, 3)
    assert (read.data, read.failed, read.state, read.metadata) == ({"total": 1}, False, "EXTRACTED", {"po": "4711"})
    assert (value.page, corrected.value) == (1, 1234.5)
    assert (approved["review_state"], reopened["review_state"]) == ("approved", "waiting")
    assert portal.download(sent, "original") == invoice.read_bytes()
    assert json.loads(portal.download(sent))["extracted_data"] == {"total": 1234.5}
    assert [item["id"] for item in portal.find(meta_key="po", meta_value="4711")] == [sent.id]
    assert portal.reject(sent, "not ours")["review_state"] == "rejected"
    portal.delete(sent)
    with pytest.raises(NotFound):
        portal.read(sent)


def test_what_is_refused_is_told_by_field_and_names_that_do_not_exist_before_sending(portal, invoice):
    make_schema("Invoice")

    with pytest.raises(Refused) as field:
        portal.upload(invoice, server="XX")
    with pytest.raises(Refused) as name:
        portal.upload(invoice, schema="Invoices")
    with pytest.raises(Refused) as key:
        Client(portal.address, "wrong").schemas()

    assert list(field.value.fields) == ["server"]
    assert "There are: Invoice" in str(name.value)
    assert key.value.status == 401
    assert not Extraction.objects.exists()


def test_the_same_key_is_the_same_document_and_says_so(portal, invoice):
    first = portal.upload(invoice, key="order 4711")
    again = portal.upload(invoice, key="order 4711")

    assert (first.existing, again.existing, again.id) == ("", "same-key", first.id)
    with pytest.raises(Refused):
        portal.upload(invoice, key="order 4711", server="EU-1")


def test_waiting_ends_in_time_and_the_document_goes_on(portal, invoice):
    sent = portal.upload(invoice)

    with pytest.raises(TimedOut):
        portal.wait(sent, timeout=0)
    assert portal.download(sent, "csv") == b""


@pytest.mark.parametrize(
    "fault", ["accept_cut", "accept_half", "accept_502", "accept_html", "accept_no_id", "no_cut", "no_503", "no_429"]
)
def test_what_goes_wrong_on_the_way_is_repeated_and_makes_one_document(program, proxy, invoice, fault):
    proxy.inject("create", fault, fault)

    sent = Client(proxy.url + BASE, program.key, patience=60).upload(invoice)

    assert sent.id == str(Extraction.objects.get().key)


@pytest.mark.parametrize("fault", ["accept_cut", "accept_502", "no_cut"])
def test_without_keys_nothing_is_sent_twice(program, proxy, invoice, fault):
    """The service itself would charge again: before it, whatever has an unknown end is left to the caller."""
    proxy.inject("create", fault)
    client = Client(f"{proxy.url}{BASE}/.", program.key, patience=60)

    with pytest.raises(Unclear):
        client.upload(invoice)

    assert not client.is_portal
    assert Extraction.objects.count() == (0 if fault.startswith("no_") else 1)


def test_patience_ends(program, proxy, invoice):
    proxy.inject("create", "no_503", times=None)
    begun = time.monotonic()

    with pytest.raises(Unavailable):
        Client(proxy.url + BASE, program.key, patience=1).upload(invoice)

    assert time.monotonic() - begun < 30


def test_the_token_goes_to_no_other_address_and_no_netrc_replaces_it(program, proxy, tmp_path, monkeypatch):
    proxy.inject("create", "no_307")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    client = Client(proxy.url + BASE, program.key, patience=0)
    (tmp_path / "a.pdf").write_bytes(pdf())

    with pytest.raises(Refused) as redirect:
        client.upload(tmp_path / "a.pdf")

    assert "redirects" in str(redirect.value)
    assert client.schemas() == []
    assert requests.get(f"{proxy.url}{BASE}/schema/", timeout=30).status_code == 401


class TestCommandLine:
    @pytest.fixture(autouse=True)
    def environment(self, portal, program, monkeypatch):
        monkeypatch.setenv("PORTAL_ADDRESS", portal.address)
        monkeypatch.setenv("PORTAL_TOKEN", program.key)

    @staticmethod
    def run(*arguments):
        return main(["--patience", "0", *map(str, arguments)])

    def test_files_are_sent_and_told_line_by_line(self, invoice, tmp_path, capsys):
        (tmp_path / "other.txt").write_text("no document")

        code = self.run("upload", invoice, tmp_path / "other.txt", tmp_path / "missing.pdf", invoice, "--json")

        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert code == REFUSED
        assert [line["outcome"] for line in told] == ["received", "refused", "refused", "known"]
        assert told[0]["id"] == told[3]["id"] == str(Extraction.objects.get().key)
        assert told[1]["why"]

    def test_waiting_tells_the_result_or_why_there_is_none(self, invoice, capsys):
        waiting = self.run("upload", invoice, "--wait", "--timeout", "0", "--metadata", "po=1")
        finish()
        read = self.run("upload", invoice, "--wait", "--metadata", "po=1", "--json")
        told = json.loads(capsys.readouterr().out.splitlines()[-1])
        failed = self.failed(invoice)

        assert (waiting, read, failed) == (TIMED_OUT, 0, NOT_READ)
        assert (told["outcome"], told["extracted_data"]) == ("read", {"total": 1})

    def failed(self, invoice):
        """A document that fails while somebody waits: the same key is answered with it."""
        self.run("upload", invoice, "--key", "k", "--metadata", "po=2")
        Extraction.objects.update(state=State.FAILED, next_try_at=None)
        return self.run("upload", invoice, "--key", "k", "--metadata", "po=2", "--wait")

    def test_values_are_printed_approved_and_downloaded(self, invoice, tmp_path, capsys):
        self.run("upload", invoice)
        finish()
        identity = Extraction.objects.get().key
        capsys.readouterr()

        codes = [self.run("values", identity), self.run("approve", identity, "--reason", "seen"),
                 self.run("download", identity, "--form", "csv", "--output", tmp_path / "result.csv"),
                 self.run("read", identity)]  # fmt: skip

        lines = capsys.readouterr().out.splitlines()
        assert codes == [0, 0, 0, 0]
        assert (json.loads(lines[0])["path"], lines[1]) == ("total", "approved")
        assert (tmp_path / "result.csv").read_text("utf-8-sig").startswith("key,document,")

    def test_what_is_wrong_ends_with_a_code_of_its_own(self, invoice, monkeypatch, capsys):
        assert self.run("read", UNKNOWN) == REFUSED
        assert self.run("upload", invoice, invoice, "--key", "k") == BAD_OPTIONS
        monkeypatch.setenv("PORTAL_ADDRESS", "http://127.0.0.1:9" + BASE)
        assert self.run("upload", invoice) == TRY_LATER
        monkeypatch.delenv("PORTAL_TOKEN")
        assert self.run("upload", invoice) == BAD_OPTIONS
        with pytest.raises(SystemExit):
            self.run("upload", invoice, "--pages", "x")
