"""The log in words: who changed what, from what to what, while the document is there."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import translation

from extractions.exports.making import make
from extractions.models import Change, Export, ExportedDocument, Extraction
from extractions.review import edits, review_queue
from extractions.services import bulk, moving
from portal.audit.chain import chain_pending, first_fault
from portal.audit.descriptions import describe, plain
from portal.audit.models import Entry
from portal.audit.recording import Action, record
from tests.factories import Role, make_extraction, make_person, make_schema, make_team

pytestmark = pytest.mark.django_db
SCHEMA = {
    "type": "object",
    "properties": {
        "total_amount": {"type": "number"},
        "due_date": {"type": "string", "format": "date"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"amount": {"type": "number"}}}},
    },
}


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def bill(alice):
    data = {"total_amount": 1248.5, "due_date": "2026-11-30", "lines": [{"amount": 5}, {"amount": 6.5}]}
    row = make_extraction(
        owner=alice, state="EXTRACTED", name="facture-042.pdf", schema=make_schema(schema=SCHEMA), extracted_data=data,
        review_state="waiting",
    )  # fmt: skip
    for position, (path, value) in enumerate(
        [("total_amount", 1248.5), ("due_date", "2026-11-30"), ("lines[0].amount", 5), ("lines[1].amount", 6.5)]
    ):
        row.values.create(position=position, path=path, extracted=value, text=str(value))
    return row


def words(*actions):
    entries = list(Entry.objects.filter(action__in=actions or [Action.EDITED, Action.CONFIRMED]).order_by("pk"))
    details = describe(entries)
    return [str(detail) for entry in entries for detail in details[entry.pk]]


def test_correction_says_from_what_to_what(bill, alice):
    edits.set_value(bill, "total_amount", 1284.5, alice)
    edits.confirm(bill, "due_date", alice)
    edits.set_value(bill, "lines[1].amount", 7, alice)
    edits.answer(bill, "due_date", "illegible", alice)
    edits.undo(bill, alice)
    edits.remove_row(bill, "lines[0]", alice)

    assert words() == [
        "Total amount: 1,248.50 → 1,284.50 (corrected)",
        "Due date: 2026-11-30 (confirmed)",
        "Amount (row 2): 6.50 → 7.00 (corrected)",
        "Due date: 2026-11-30 → Illegible",
        "Due date: Illegible → 2026-11-30 (undone)",
        "Lines (row 1) (row removed)",
    ]
    with translation.override("fr"):
        assert "1\xa0248,50 → 1\xa0284,50" in words()[0]


def test_page_and_file_tell_it_while_the_document_is_there(client, ada, bill, alice):
    edits.set_value(bill, "total_amount", 1284.5, alice)
    client.force_login(ada)

    def seen():
        page = " ".join(client.get(reverse("audit")).content.decode().split())
        text = b"".join(client.get(reverse("export_audit"))).decode("utf-8-sig")
        rows = [row for row in csv.DictReader(io.StringIO(text)) if row["action"] == "edited"]
        return page, [(row["field"], row["before"], row["after"], row["note"]) for row in rows]

    page, rows = seen()
    assert "1,248.50" in page
    assert "1,284.50" in page
    assert rows == [("Total amount", "1,248.50", "1,284.50", "corrected")]

    bill.request_deletion()
    page, rows = seen()
    assert "1,284.50" not in page
    assert "erased with the document" in page
    assert rows == [("Total amount", "", "erased with the document", "corrected")]

    bill.changes.all().delete()
    chain_pending()
    page, again = seen()
    assert "1,284.50" not in page
    assert again == rows
    assert first_fault()[0] is None


def test_log_itself_holds_no_value(bill, alice):
    edits.set_value(bill, "total_amount", 1284.5, alice)

    stored = repr(list(Entry.objects.values()))

    assert "1284" not in stored
    assert "1248" not in stored
    assert Entry.objects.get(action="edited").after == {
        "path": "total_amount", "kind": "set", "change": Change.objects.get().pk
    }  # fmt: skip


def test_team_that_gave_a_document_away_sees_its_values_no_more(client, ada, bill, alice):
    other = make_team("Other")
    other.memberships.create(person=alice, role=Role.UPLOADER)
    edits.set_value(bill, "total_amount", 1284.5, alice)
    moving.move(bill, other, alice)
    client.force_login(ada)

    page = client.get(reverse("audit")).content.decode()

    assert "1,284.50" not in page
    assert "not shown: the document is in another team now" in page


def test_lines_from_before_name_the_field(alice, bill):
    record(Action.EDITED, bill, after={"path": "total_amount", "kind": "set"})
    record(Action.ASSIGNED, bill, before={"assigned_to": None}, after={"assigned_to": alice.pk})

    assert words() == ["Total amount (corrected)"]
    assert words(Action.ASSIGNED) == ["Assigned to: nobody → Alice"]


def test_settings_say_from_what_to_what(team, alice):
    def told(before, after):
        return [str(detail) for detail in plain(before, after)]

    assert told({"cap": 100, "warn_at": 80}, {"cap": 250, "warn_at": 80}) == ["Cap of credits a month: 100 → 250"]
    assert told({"cap": None}, {"cap": 5}) == ["Cap of credits a month: nothing → 5"]
    assert told({"role": "viewer"}, {"role": "reviewer"}) == ["Role: Viewer → Reviewer"]
    assert told(None, {"rule": "total > 0", "schema": "Invoice"}) == ["Rule: total > 0", "Schema: Invoice"]
    assert told({"name": "A"}, None) == ["Name: A"]
    assert told(None, None) == []


def test_assigning_names_people(bill, alice, bob):
    review_queue.assign(bill, bob)
    bill.refresh_from_db()
    review_queue.assign(bill, alice)

    assert words(Action.ASSIGNED) == ["Assigned to: nobody → Bob", "Assigned to: Bob → Alice"]


def test_review_screen_is_a_look_once_in_a_while(client, bill, alice):
    client.force_login(alice)
    address = reverse("extractions:review", args=[bill.key])

    client.get(address, headers={"Sec-Purpose": "prefetch"})
    assert not Entry.objects.filter(action="seen").exists()
    for _ in range(2):
        client.get(address)
    client.get(bill.get_absolute_url())

    assert Entry.objects.get(action="seen").subject_id == str(bill.key)


@pytest.mark.parametrize("form", ["zip", "csv"])
def test_export_is_a_line_for_each_team_concerned(client, alice, bill, form):
    """Not for teams that have no document in it, and each with the number of its own documents."""
    second, idle = make_team("Second"), make_team("Idle")
    for team in (second, idle):
        team.memberships.create(person=alice, role=Role.UPLOADER)
    ours = [bill, make_extraction(owner=alice, state="EXTRACTED")]
    theirs = make_extraction(owner=alice, team=second, state="EXTRACTED")
    client.force_login(alice)

    numbers = ".".join(str(row.pk) for row in (*ours, theirs))
    b"".join(client.post(f"{reverse('extractions:new_export')}?numbers={numbers}", {"form": form}))

    lines = {line.team: line for line in Entry.objects.filter(action="exported")}
    assert {team: line.after for team, line in lines.items()} == {
        bill.team: {"form": form, "documents": 2},
        second: {"form": form, "documents": 1},
    }
    for row in ours:
        assert row.exported.get().entry_number == lines[bill.team].pk
    assert theirs.exported.get().entry_number == lines[second].pk


def test_history_of_a_document_tells_exports_and_changes(client, alice, bill):
    client.force_login(alice)
    edits.set_value(bill, "total_amount", 1284.5, alice)
    b"".join(client.post(f"{reverse('extractions:new_export')}?numbers={bill.pk}", {"form": "zip"}))
    line = Entry.objects.get(action="exported")

    page = client.get(f"{bill.get_absolute_url()}?tab=history").content.decode()

    assert "Total amount: 1,248.50 → 1,284.50 (corrected)" in page
    assert f"Export {line.pk}: ZIP with originals, pictures and data" in page
    assert "Alice" in page


def test_export_by_the_worker_holds_what_matched_when_it_was_made(client, alice, bill):
    Export.request(person=alice, teams=[bill.team_id], form="csv", query="", total=1, options={"separator": ","})
    row = Export.objects.get()

    make(row)

    line = Entry.objects.get(action="exported")
    assert (line.person, line.after["documents"]) == (alice, 1)
    assert ExportedDocument.objects.get().extraction == bill


def test_export_asked_for_and_made_is_one_line(client, alice, bill, monkeypatch):
    monkeypatch.setattr("extractions.views.exports.at_once", lambda form, count: False)
    client.force_login(alice)
    client.post(reverse("extractions:new_export"), {"form": "csv"})
    late = make_extraction(owner=alice, state="EXTRACTED")

    make(Export.objects.get())

    line = Entry.objects.get(action="exported")
    assert set(ExportedDocument.objects.values_list("extraction", "entry_number")) == {
        (bill.pk, line.pk), (late.pk, line.pk)
    }  # fmt: skip


def test_log_is_described_with_few_queries(client, ada, alice, bill, django_assert_max_num_queries):
    for number in range(3):
        edits.set_value(bill, "total_amount", number, alice)
    client.force_login(ada)
    client.get(reverse("audit"))
    with django_assert_max_num_queries(20) as few:
        client.get(reverse("audit"))
    for number in range(30):
        edits.set_value(bill, "total_amount", number + 10, alice)

    with django_assert_max_num_queries(len(few)):
        client.get(reverse("audit"))


def test_that_a_bulk_of_deletions_was_undone_is_named(alice, bill):
    report = bulk.delete([Extraction.objects.get(pk=bill.pk)], alice)
    bulk.undo(report.undo, alice)

    entries = Entry.objects.filter(action__in=[Action.DELETED, Action.RESTORED]).order_by("pk")
    assert [entry.action for entry in entries] == ["deleted", "restored"]
