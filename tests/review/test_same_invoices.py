"""The same invoice in another file: told on the pages, and in the way of an approval until somebody says why not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from extractions import clock
from extractions.forwarding.steps import erase, invoice_keys
from extractions.models import DistinctInvoices, DuplicateInvoicePolicy, Extraction, Installation, InvoiceKeys
from extractions.presentation.document.same_invoices import same_invoices_of
from extractions.review import distinct_invoices, edits, review_queue
from extractions.review.review_queue import Refused
from extractions.services import bulk, moving
from extractions.verification.duplicate_invoices import duplicates_of
from portal.audit.models import Entry
from tests.factories import Role, make_person, make_team
from tests.review.making import DATA, make_bill

pytestmark = pytest.mark.django_db

INVOICE = DATA | {"invoice_date": "2026-11-17"}
RESCAN = INVOICE | {
    "number": "lNV 0O1",
    "total": 1284.5,
    "supplier": {"name": "ATELIER KERBRUNE S.A.R.L.", "vat": None},
}
REASON = "The second delivery, billed apart."


def bill_of(person, data=INVOICE, **fields):
    """Everything on it is confirmed by evidence."""
    return make_bill(person, data=data, evidence={}, **fields)


@pytest.fixture
def first(alice):
    return bill_of(alice, received_at=clock.now() - timedelta(days=40))


@pytest.fixture
def rescan(alice, first):
    return bill_of(alice, RESCAN)


def names(extraction):
    return [duplicate.extraction.name for duplicate in duplicates_of(Extraction.objects.get(pk=extraction.pk))]


def fresh(extraction):
    return Extraction.objects.get(pk=extraction.pk)


def test_a_rescan_is_told_on_both_documents_and_only_the_later_one_is_blocked(first, rescan):
    (seen,), (told,) = duplicates_of(rescan), duplicates_of(first)

    assert (seen.extraction, told.extraction) == (first, rescan)
    assert (seen.blocks, told.blocks) == (True, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "INV-2"},
        {"invoice_date": "2026-12-17"},
        {"total": 1290.0},
        {"currency": "GBP"},
        {"supplier": {"name": "Moulin Vert", "vat": None}},
        {"document_type": "Credit note"},
    ],
)
def test_other_invoices_are_not_told(alice, first, changes):
    assert names(bill_of(alice, INVOICE | changes)) == []


def test_a_document_without_a_number_is_hinted_at_and_blocks_nothing(alice, first):
    unnumbered = bill_of(alice, INVOICE | {"number": None})
    (hint,) = duplicates_of(unnumbered)

    assert hint.extraction == first
    assert not hint.blocks
    assert names(bill_of(alice, INVOICE | {"number": None, "total": 1284.49})) == []


def test_an_approval_is_refused_until_a_reason_is_given_and_the_reason_is_kept(alice, first, rescan):
    with pytest.raises(Refused, match="same_invoice"):
        review_queue.approve(rescan, alice)

    assert distinct_invoices.tell_apart(rescan, alice, REASON) == 1
    assert review_queue.approve(rescan, alice) == "approved"
    assert review_queue.approve(fresh(first), alice) == "approved"
    assert DistinctInvoices.objects.get().reason == REASON
    entry = Entry.objects.filter(action=Entry.Action.DECIDED).get()
    assert entry.after == {"not_the_invoice": [first.name], "reason": REASON}


def test_the_reason_to_approve_all_the_same_answers_for_the_same_invoice_too(alice, first, rescan):
    assert review_queue.approve(rescan, alice, override=REASON) == "approved"

    pair = DistinctInvoices.objects.get()
    assert (pair.extraction, pair.other, pair.reason, pair.author) == (rescan, first, REASON, alice)
    assert not duplicates_of(first)[0].blocks


def test_the_earlier_one_is_blocked_once_the_later_one_is_approved(alice, first, rescan):
    Extraction.objects.filter(pk=rescan.pk).update(review_state="approved")

    with pytest.raises(Refused, match="same_invoice"):
        review_queue.approve(first, alice)


def test_rejecting_either_as_a_duplicate_frees_the_other_and_reopening_blocks_again(alice, first, rescan):
    review_queue.reject(first, alice, "The same invoice, scanned badly.")
    assert names(rescan) == names(first) == []

    review_queue.reopen(first, alice)
    assert names(rescan) == [first.name]


def test_a_deleted_document_is_withdrawn_and_comes_back_with_its_restoration(alice, first, rescan):
    report = bulk.delete([first], alice)
    assert names(rescan) == []

    bulk.undo(report.undo, alice)
    assert names(rescan) == [first.name]

    distinct_invoices.tell_apart(rescan, alice, REASON)
    Extraction.objects.filter(pk=first.pk).update(delete_requested_at=clock.now(), remote_id="", handed_over_at=None)
    erase.erase(fresh(first))
    assert not InvoiceKeys.objects.filter(extraction=first).exists()
    assert not DistinctInvoices.objects.exists()


def test_the_keys_follow_every_edit_undo_and_answer(alice, first, rescan):
    edits.set_value(fresh(rescan), "number", "INV-7", alice)
    assert names(rescan) == []
    edits.undo(fresh(rescan), alice)
    assert names(rescan) == [first.name]
    edits.answer(fresh(rescan), "supplier.name", "illegible", alice)
    assert not duplicates_of(fresh(rescan))[0].blocks
    edits.revert(fresh(rescan), "supplier.name", alice)
    assert duplicates_of(fresh(rescan))[0].blocks


def test_the_team_chooses_how_near_is_near_and_whether_to_look_at_all(alice, first, rescan):
    policy = DuplicateInvoicePolicy.objects.create(team=first.team, amount=0)
    assert names(rescan) == []
    DuplicateInvoicePolicy.objects.update(amount=1, months=1)
    assert names(rescan) == []
    DuplicateInvoicePolicy.objects.update(months=2)
    assert names(rescan) == [first.name]
    DuplicateInvoicePolicy.objects.filter(pk=policy.pk).update(enabled=False)
    assert names(rescan) == []
    assert review_queue.approve(rescan, alice) == "approved"


def test_other_teams_count_for_nothing_until_the_document_is_moved_there(alice, first):
    other = make_team("Other")
    carol = make_person("Carol", team=other)
    there = bill_of(carol, RESCAN, team=other)
    assert names(there) == names(first) == []

    Extraction.objects.filter(pk=there.pk).update(evidence_due_at=None)
    moving.move(fresh(there), first.team, carol)
    assert names(there) == [first.name]


def test_who_may_not_see_the_other_document_is_told_without_its_name(alice, first, rescan):
    stranger = make_person("Stranger", team=make_team())

    told = same_invoices_of(rescan, stranger)

    assert (told.shown, told.hidden, told.blocks, told.table) == ([], 1, True, [])


def test_the_pages_show_both_values_side_by_side(client, alice, first, rescan):
    client.force_login(alice)

    for address in ("extractions:detail", "extractions:review"):
        page = client.get(reverse(address, args=[rescan.key])).content.decode()
        assert reverse("extractions:detail", args=[first.key]) in page
        assert "INV-1" in page
        assert "lNV 0O1" in page
        assert "This looks like the same invoice as" in page
    again = client.get(reverse("extractions:detail", args=[first.key])).content.decode()
    assert "seems to have arrived again" in again


def test_without_a_script_the_reason_is_given_on_the_review_page_and_can_be_taken_back(client, alice, first, rescan):
    client.force_login(alice)
    address = reverse("extractions:review_end", args=[rescan.key])

    refused = client.post(address, {"do": "approve"}, follow=True).content.decode()
    client.post(address, {"do": "tell_apart", "reason": " "})
    assert not DistinctInvoices.objects.exists()
    told = client.post(address, {"do": "tell_apart", "reason": REASON}, follow=True).content.decode()
    assert "looks like an invoice that is there already" in refused
    assert REASON in told
    client.post(address, {"do": "take_back"})
    assert not DistinctInvoices.objects.exists()
    assert duplicates_of(rescan)[0].blocks


def test_the_result_does_not_offer_to_approve_it_with_one_press(client, alice, first, rescan):
    client.force_login(alice)

    assert not client.get(reverse("extractions:detail", args=[rescan.key])).context["next_step"].approves
    assert client.get(reverse("extractions:detail", args=[first.key])).context["next_step"].approves


def test_bulk_approval_is_blocked_as_well(alice, first, rescan):
    report = bulk.approve([rescan, first], alice)

    assert Extraction.objects.filter(review_state="approved").get() == first
    assert "already" in report.outcomes[0].sentence


def test_a_changed_number_tells_the_page_to_look_again(client, alice, first, rescan):
    client.force_login(alice)
    address = reverse("extractions:review_value", args=[rescan.key])

    changed = client.post(address, {"do": "set", "path": "number", "text": "INV-8"}, "application/json").json()
    due = {"do": "set", "path": "due_date", "text": "2027-01-01", "change": changed["change"]}
    other = client.post(address, due, "application/json").json()
    part = client.get(reverse("extractions:review", args=[rescan.key]), {"part": "same"}).content.decode()

    assert (changed["identity"], other["identity"]) == (True, False)
    assert "data-blocks" not in part


def test_documents_from_before_are_given_keys_in_batches_that_go_on_after_a_restart(alice, first, rescan, monkeypatch):
    third = bill_of(alice, INVOICE | {"number": "INV-3"})
    InvoiceKeys.objects.all().delete()
    Installation.objects.update_or_create(defaults={"invoices_keyed_to": 0, "place": "x", "begun_at": clock.now()})
    monkeypatch.setattr(invoice_keys, "BATCH", 2)

    assert invoice_keys.key_next_batch()
    assert names(rescan) == [first.name]
    assert not InvoiceKeys.objects.filter(extraction=third).exists()
    invoice_keys.key_some()

    assert InvoiceKeys.objects.count() == 3
    assert Installation.objects.get().invoices_keyed_to is None
    assert not invoice_keys.key_next_batch()


def test_keys_that_an_edit_wrote_meanwhile_stay(alice, first):
    Installation.objects.update_or_create(defaults={"invoices_keyed_to": 0, "place": "x", "begun_at": clock.now()})
    InvoiceKeys.objects.filter(extraction=first).update(number="newer")

    invoice_keys.key_some()

    assert InvoiceKeys.objects.get(extraction=first).number == "newer"


def test_looking_takes_as_many_queries_however_many_documents_there_are(alice, first, rescan):
    with CaptureQueriesContext(connection) as few:
        duplicates_of(rescan)
    for number in range(20):
        bill_of(alice, RESCAN | {"number": f"INV-{number % 3}"})
    with CaptureQueriesContext(connection) as many:
        assert len(duplicates_of(rescan)) > 3

    assert len(many) == len(few) == 4


def test_the_lookups_are_on_indexes(alice, first, rescan):
    with CaptureQueriesContext(connection) as queries:
        duplicates_of(rescan)
    lookups = [query["sql"] for query in queries if "ORDER BY" in query["sql"] and "same" not in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plans = []
        for sql in lookups:
            cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
            plans.append(" ".join(str(row) for row in cursor.fetchall()))

    assert any("same_number" in plan for plan in plans)
    assert any("same_amount" in plan for plan in plans)


def test_the_settings_are_the_teams_administrators_and_in_the_audit_log(client, alice, first):
    address = reverse("extractions:duplicate_policy", args=[first.team_id])
    ada = make_person("Ada", team=first.team, role=Role.ADMINISTRATOR)
    client.force_login(alice)
    assert client.get(address).status_code == 200
    assert client.post(address, {"months": 3, "amount": "0.50", "days": 1}).status_code == 403
    client.force_login(ada)

    refused = client.post(address, {"enabled": "on", "months": 0, "amount": "-1", "days": 400})
    saved = client.post(address, {"months": 3, "amount": "0.50", "days": 1}, follow=True)

    assert (refused.status_code, saved.status_code) == (422, 200)
    policy = DuplicateInvoicePolicy.objects.get()
    assert (policy.enabled, policy.months, str(policy.amount), policy.days) == (False, 3, "0.50", 1)
    after = Entry.objects.filter(action=Entry.Action.SETTING).latest("pk").after
    assert after["the same invoice in other files"] is False
    assert after["months between them"] == "3"
