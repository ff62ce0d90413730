"""Proof sheets are made of approved documents, and a changed or forged one is told."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.urls import reverse

from extractions.models import Extraction, ProofKey, Value
from extractions.presentation.proof.contents import NotApproved
from extractions.presentation.proof.making import proof_sheet
from extractions.presentation.proof.signed import ATTACHMENT, TRAILER, file_signature, read_data, signed_data
from extractions.presentation.proof.verifying import Outcome, verify
from extractions.review import edits, review_queue
from portal.audit import guard
from portal.audit.chain import chain_pending
from portal.audit.models import Entry
from portal.sealing import seal
from tests.review.making import make_bill

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(alice) -> Extraction:
    """Corrected, confirmed and approved."""
    row = make_bill(alice, name="facture-042.pdf", review_state="waiting")
    edits.set_value(row, "due_date", "2026-12-20", alice)
    edits.confirm(row, "total", alice)
    review_queue.approve(row, alice)
    row.refresh_from_db()
    assert row.review_state == Extraction.Review.APPROVED
    return row


@pytest.fixture
def sheet(bill, alice) -> bytes:
    made = proof_sheet(bill, alice)
    chain_pending()
    return made


def failures(sheet: bytes, original: Path | None = None) -> list[str]:
    return [finding.sentence for finding in verify(sheet, original) if finding.outcome == Outcome.FAILS]


def text_of(sheet: bytes) -> tuple[int, str]:
    pdf = pypdfium2.PdfDocument(sheet)
    return len(pdf), "\n".join(page.get_textpage().get_text_range() for page in pdf)


def test_it_says_on_one_page_what_was_read_and_who_stands_for_it(sheet, bill):
    pages, text = text_of(sheet)

    assert pages == 1
    words = " ".join(text.split())
    for said in ("facture-042.pdf", "Approved by Alice", "Invoice number", "INV-1", "Supplier › Name",
                 "corrected by Alice", "confirmed by Alice", "confirmed by evidence", "manage.py verify_proof",
                 "Cable"):  # fmt: skip
        assert said in words, said
    assert bill.sha256 in words.replace(" ", "")


def test_its_data_are_attached(sheet, bill):
    with pikepdf.open(io.BytesIO(sheet)) as pdf:
        facts = json.loads(pdf.attachments[ATTACHMENT].get_file().read_bytes())["payload"]

    assert facts["document"]["sha256"] == bill.sha256
    assert facts["result"]["data"]["due_date"] == "2026-12-20"
    due = next(value for value in facts["values"] if value["path"] == "due_date")
    assert (due["extracted"], due["corrected"], due["changed_by"]) == ("2026-12-17", True, "Alice")
    actions = [line["action"] for line in facts["audit"]["entries"]]
    assert actions == ["edited", "confirmed", "approved"]
    assert all(line["position"] and line["hash"] for line in facts["audit"]["entries"])


def test_an_untouched_sheet_holds_in_every_respect(sheet):
    findings = list(verify(sheet))

    assert [finding.outcome for finding in findings] == [Outcome.HOLDS] * 6, findings


def test_a_byte_that_is_changed_anywhere_is_reported(sheet):
    step = max(1, len(sheet) // 150)
    unnoticed = []
    for at in [*range(0, len(sheet), step), len(sheet) - 1]:
        changed = bytearray(sheet)
        changed[at] ^= 1
        if file_signature(bytes(changed)).holds:
            unnoticed.append(at)

    assert not unnoticed
    assert not file_signature(sheet[:-1]).holds
    assert not file_signature(sheet + b"\n").holds


def test_a_sheet_that_was_saved_anew_still_has_its_data(sheet):
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(sheet)) as pdf:
        pdf.save(saved)

    (failure,) = failures(saved.getvalue())

    assert "no signature at its end" in failure


def test_changed_data_are_told_though_the_file_is_new(sheet):
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(sheet)) as pdf:
        facts = json.loads(pdf.attachments[ATTACHMENT].get_file().read_bytes())
        facts["payload"]["approval"]["approved_by"] = "Mallory"
        pdf.attachments[ATTACHMENT] = pikepdf.AttachedFileSpec(pdf, json.dumps(facts).encode(), filename=ATTACHMENT)
        pdf.save(saved)

    payload, signature = read_data(saved.getvalue())

    assert payload is not None
    assert not signature.holds
    assert "they were changed" in " ".join(failures(saved.getvalue()))


def test_a_sheet_of_another_portal_is_reported(sheet):
    ProofKey.objects.all().delete()

    assert "none of this portal" in failures(sheet)[0]


def test_a_sheet_that_was_never_made_here_is_told_even_with_the_key(sheet, bill):
    payload, _signature = read_data(sheet)
    payload["approval"]["approved_by"] = "Mallory"
    key = ProofKey.current()
    pdf = pikepdf.new()
    pdf.attachments[ATTACHMENT] = pikepdf.AttachedFileSpec(pdf, signed_data(payload, key), filename=ATTACHMENT)
    forged = io.BytesIO()
    pdf.save(forged)

    assert "The audit log does not know that this sheet was made." in failures(forged.getvalue())


def test_values_that_were_changed_since_are_reported(sheet, bill, alice):
    review_queue.reopen(bill, alice)
    edits.set_value(bill, "number", "INV-2", alice)

    assert failures(sheet) == ["The values here are others now: they were changed after the sheet was made."]


def test_another_original_is_reported(sheet, bill, tmp_path):
    same, other = tmp_path / "same.pdf", tmp_path / "other.pdf"
    same.write_bytes(bill.document.open("rb").read())
    other.write_bytes(same.read_bytes() + b" ")

    assert not failures(sheet, same)
    assert failures(sheet, other) == [f"{other} is not the original of the sheet."]
    Path(bill.document.path).write_bytes(other.read_bytes())
    assert "The stored original is another one" in failures(sheet)[0]


def test_a_line_of_the_log_that_was_changed_is_reported(sheet):
    with connection.cursor() as cursor:
        for trigger in guard.TRIGGERS.triggers[connection.vendor]:
            on_table = f" ON {guard.TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on_table}")
        cursor.execute(f"UPDATE {guard.TABLE} SET person_name = 'Mallory' WHERE action = 'approved'")

    (failure,) = failures(sheet)

    assert "The audit log is broken at line" in failure


def test_the_command_says_it_in_words_and_fails_where_something_does_not_hold(sheet, tmp_path, capsys):
    file = tmp_path / "sheet.pdf"
    file.write_bytes(sheet)
    call_command("verify_proof", str(file))
    assert "holds: The file is what this portal signed" in capsys.readouterr().out

    file.write_bytes(sheet.replace(b"/Title", b"/Titel", 1))
    with pytest.raises(SystemExit):
        call_command("verify_proof", str(file))
    assert "DOES NOT HOLD: The file is not what this portal signed" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("verify_proof", str(tmp_path / "nothing.pdf"))
    file.write_bytes(b"no PDF at all")
    with pytest.raises(SystemExit):
        call_command("verify_proof", str(file))


def test_only_an_approved_document_has_one(client, alice, charlie):
    row = make_bill(alice, review_state="waiting")
    with pytest.raises(NotApproved):
        proof_sheet(row, alice)
    address = reverse("extractions:proof", args=[row.key])

    client.force_login(alice)
    assert "is made of approved documents" in client.get(address, follow=True).content.decode()
    assert address not in client.get(row.get_absolute_url()).content.decode()
    client.force_login(charlie)
    assert client.get(address).status_code == 404
    assert not Entry.objects.filter(action="proof_made").exists()


def test_it_is_downloaded_from_the_result_page(client, alice, bill):
    client.force_login(alice)
    address = reverse("extractions:proof", args=[bill.key])
    assert address in client.get(bill.get_absolute_url()).content.decode()

    response = client.get(address)

    assert response.headers["Content-Type"] == "application/pdf"
    assert "facture-042-proof.pdf" in response.headers["Content-Disposition"]
    assert TRAILER.search(response.content)
    assert Entry.objects.filter(action="proof_made", subject_id=str(bill.key)).count() == 1


def test_a_key_that_cannot_be_read_any_more_is_followed_by_a_new_one(sheet):
    ProofKey.objects.update(sealed_private_key=seal("x").replace("gAAAA", "gAAAB"))

    assert ProofKey.current().public_key != ProofKey.objects.earliest("pk").public_key
    assert file_signature(sheet).holds, "what was signed with the older one still is"


def test_many_values_and_letters_of_any_script_fit(alice):
    data = {
        "number": "番号-1 " + "x" * 300, "due_date": None, "total": 1.5, "supplier": {"name": "Ελληνική Ένωση"},
        "lines": [{"label": f"Line {number} " + "w" * 60, "quantity": number, "amount": 1.0} for number in range(120)],
    }  # fmt: skip
    row = make_bill(alice, data=data, review_state="waiting")
    Value.objects.filter(extraction=row).update(standing="by_evidence")
    review_queue.approve(row, alice, override="tested")
    row.refresh_from_db()

    pages, text = text_of(proof_sheet(row, alice))

    assert "Ελληνική Ένωση" in " ".join(text.split())
    assert "□□-1" in text
    assert "80 more rows are in the attached data" in " ".join(text.split())
    assert pages <= 4
