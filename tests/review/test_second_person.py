"""Two people approve what a team says should be approved by two: decided by the values as they are now."""

from __future__ import annotations

import json
import uuid
from types import SimpleNamespace

import pytest
from django.urls import reverse

from extractions.models import Extraction, SecondPersonPolicy
from extractions.review import approvals, edits, policies, review_queue
from extractions.review.review_queue import Refused
from extractions.services import bulk
from extractions.verification.second_person import in_share
from portal.audit.models import Entry
from tests.factories import make_person, make_schema, make_team
from tests.review.making import BILL, DATA, make_bill


@pytest.fixture
def carol(team):
    return make_person("Carol", team=team)


@pytest.fixture
def schema(team):
    schema = make_schema("Strict", schema=BILL)
    SecondPersonPolicy.objects.create(team=team, schema=schema, above=5000)
    return schema


def bill_of(owner, schema, total, **more):
    return make_bill(owner, schema=schema, data=DATA | {"total": total}, evidence={}, **more)


def fresh(bill) -> Extraction:
    return Extraction.objects.get(pk=bill.pk)


def approve(bill, person) -> str:
    return review_queue.approve(fresh(bill), person, override="checked by telephone")


def test_a_small_amount_that_is_corrected_to_a_high_one_wants_two(alice, bob, schema):
    bill = bill_of(alice, schema, 45.90)
    assert not bill.second_wanted

    edits.set_value(bill, "total", 99_999, alice)

    assert fresh(bill).second_wanted
    assert approve(bill, alice) == "second"
    assert fresh(bill).review_state == "waiting"
    assert approve(bill, bob) == "approved"


def test_a_high_amount_that_is_corrected_to_a_small_one_wants_one(alice, schema):
    bill = bill_of(alice, schema, 99_999)
    assert bill.second_wanted

    edits.set_value(bill, "total", 45.90, alice)

    assert approve(bill, alice) == "approved"


@pytest.mark.parametrize("typed", [-99_999, 10**30, "nan", None])
def test_what_is_no_plain_small_amount_wants_two(alice, schema, typed):
    bill = bill_of(alice, schema, 45.90)

    edits.set_value(bill, "total", typed, alice)

    assert approve(bill, alice) == "second"


def test_the_second_cannot_change_the_amount_and_approve_it(alice, bob, schema):
    bill = bill_of(alice, schema, 7_287)
    assert approve(bill, alice) == "second"

    edits.set_value(fresh(bill), "total", 999_999, bob)

    assert fresh(bill).first_approved_by is None
    assert approve(bill, bob) == "second"
    assert fresh(bill).review_state == "waiting"
    with pytest.raises(Refused, match="same_person"):
        approve(bill, bob)
    assert approve(bill, alice) == "approved"


@pytest.mark.parametrize(
    "change",
    [
        lambda bill, who: edits.set_value(bill, "supplier.name", "Other", who),
        lambda bill, who: edits.answer(bill, "number", "illegible", who),
        lambda bill, who: edits.remove_row(bill, "lines[0]", who),
        lambda bill, who: edits.add_row(bill, "lines", ["label"], who),
        lambda bill, who: edits.set_cells(bill, [("lines[0].amount", 1)], who),
        lambda bill, who: edits.set_place(bill, "number", 1, [[0.1, 0.1, 0.2, 0.2]], who, typed="INV-2"),
    ],
)
def test_any_change_of_a_value_withdraws_the_first_approval_and_is_recorded(alice, bob, schema, change):
    bill = bill_of(alice, schema, 7_287)
    review_queue.approve(bill, alice, override="checked by telephone", second=bob)

    change(fresh(bill), bob)

    row = fresh(bill)
    assert (row.first_approved_by, row.override_reason, row.assigned_to) == (None, "", None)
    assert row.changes.filter(kind="withdraw", author=bob).count() == 1
    entry = Entry.objects.get(action="reopened")
    assert (entry.person_name, entry.before) == (str(bob), {"first_approved_by": str(alice)})


@pytest.mark.parametrize(
    "look",
    [
        lambda bill, who: edits.confirm(bill, "number", who),
        lambda bill, who: edits.set_value(bill, "number", "INV-1", who),
        lambda bill, who: edits.set_place(bill, "number", 1, [[0.1, 0.1, 0.2, 0.2]], who),
    ],
)
def test_confirming_and_marking_places_leaves_the_first_approval(alice, bob, schema, look):
    bill = bill_of(alice, schema, 7_287)
    approve(bill, alice)

    look(fresh(bill), bob)

    assert fresh(bill).first_approved_by == alice
    assert approve(bill, bob) == "approved"


def test_the_one_who_changed_last_cannot_be_the_second(alice, bob, carol, schema):
    bill = bill_of(alice, schema, 7_287)
    edits.set_value(bill, "number", "INV-9", bob)
    with pytest.raises(Refused, match="second_changed_last"):
        review_queue.approve(fresh(bill), alice, override="checked", second=bob)
    assert approve(bill, alice) == "second"

    with pytest.raises(Refused, match="changed_last"):
        approve(bill, bob)
    assert review_queue.next_for(bob) is None
    assert bulk.approve(Extraction.objects.filter(pk=bill.pk), bob) is not None
    assert fresh(bill).review_state == "waiting"
    assert approve(bill, carol) == "approved"


def test_undoing_and_doing_again_withdraw_too_and_can_still_be_undone(alice, bob, schema):
    bill = bill_of(alice, schema, 7_287)
    edits.set_value(bill, "total", 8_000, bob)
    approve(bill, alice)

    edits.undo(fresh(bill), bob)
    assert fresh(bill).first_approved_by is None
    assert bill.values.get(path="total").text == "7287"
    approve(bill, alice)
    assert edits.redo(fresh(bill), bob) is not None

    assert fresh(bill).first_approved_by is None
    assert bill.values.get(path="total").text == "8000"
    assert edits.undo(fresh(bill), bob) is not None


def test_the_first_may_withdraw_so_that_another_order_is_possible(client, alice, bob, schema):
    bill = bill_of(alice, schema, 7_287)
    edits.set_value(bill, "number", "INV-9", bob)
    approve(bill, alice)
    assert not approvals.withdraw(fresh(bill), bob)
    client.force_login(alice)
    assert "Withdraw my approval" in client.get(reverse("extractions:review", args=[bill.key])).content.decode()

    client.post(reverse("extractions:review_end", args=[bill.key]), {"do": "withdraw"})

    assert fresh(bill).first_approved_by is None
    review_queue.give_back(bill, alice)
    assert approve(bill, bob) == "second"
    assert approve(bill, alice) == "approved"


def test_a_policy_that_was_made_stricter_holds_at_once(alice, team, schema):
    bill = bill_of(alice, schema, 3_000)
    assert not bill.second_wanted

    policies.save(SecondPersonPolicy(team=team, schema=schema, above=1000))
    Extraction.objects.filter(pk=bill.pk).update(evidence_due_at=None)

    assert approve(bill, alice) == "second"


def test_a_policy_is_of_one_team_alone(alice, schema):
    other = make_person("Dora", team=make_team("Others"))

    assert not bill_of(other, schema, 99_999).second_wanted
    assert bill_of(alice, schema, 99_999).second_wanted


def test_the_first_documents_want_two_and_stay_the_first(alice, team):
    schema = make_schema("New", schema=BILL)
    SecondPersonPolicy.objects.create(team=team, schema=schema, first=2)

    bills = [bill_of(alice, schema, 10) for _ in range(4)]
    edits.set_value(bills[0], "number", "INV-9", alice)
    edits.set_value(bills[3], "number", "INV-9", alice)

    assert [fresh(bill).second_wanted for bill in bills] == [True, True, False, False]


def test_the_share_is_right_over_many_documents_and_never_changes():
    keys = [uuid.uuid5(uuid.NAMESPACE_URL, str(number)) for number in range(20_000)]

    for share in (0, 1, 5, 50, 100):
        policy = SimpleNamespace(share=share)
        drawn = [key for key in keys if in_share(policy, key)]
        assert abs(len(drawn) / len(keys) - share / 100) < 0.01
        assert all(in_share(policy, key) for key in drawn)


def test_the_screen_says_that_an_approval_was_withdrawn(client, alice, bob, schema):
    bill = bill_of(alice, schema, 7_287)
    approve(bill, alice)
    client.force_login(bob)
    page = reverse("extractions:review", args=[bill.key])
    assert "second look, after Alice" in client.get(page).content.decode()

    deed = {"do": "set", "path": "total", "text": "999999"}
    told = client.post(
        reverse("extractions:review_value", args=[bill.key]), json.dumps(deed), content_type="application/json"
    ).json()

    assert told["withdrawn"].startswith("Bob changed “Total” at ")
    assert "after Alice had approved" in told["withdrawn"]
    assert told["second"] == "two people"
    after = client.get(page).content.decode()
    assert "after Alice had approved" in after
    history = client.get(reverse("extractions:review_history", args=[bill.key])).content.decode()
    assert "First approval withdrawn" in history


@pytest.mark.parametrize("end", ["approved", "rejected"])
def test_a_withdrawal_is_not_shown_again_after_the_review_has_ended_and_was_reopened(
    client, alice, bob, carol, schema, end
):
    bill = bill_of(alice, schema, 7_287)
    approve(bill, alice)
    edits.set_value(fresh(bill), "total", 999_999, bob)
    assert approvals.last_withdrawal(fresh(bill)) is not None
    if end == "approved":
        approve(bill, alice)
        assert approve(bill, carol) == "approved"
    else:
        assert review_queue.reject(fresh(bill), carol, "wrong")

    assert review_queue.reopen(fresh(bill), carol)

    assert approvals.last_withdrawal(fresh(bill)) is None
    client.force_login(bob)
    page = reverse("extractions:review", args=[bill.key])
    assert "had approved. That approval no longer counts" not in client.get(page).content.decode()
    approve(bill, alice)
    edits.set_value(fresh(bill), "total", 5_000_000, bob)
    assert approvals.last_withdrawal(fresh(bill)) is not None


def settings_page(schema) -> str:
    return reverse("extractions:rules", args=[schema.pk])


def give(client, schema, team, **fields):
    address = reverse("extractions:second_person", args=[schema.pk, team.pk])
    do = {"do": fields.pop("do")} if "do" in fields else {}
    return client.post(address, {f"team{team.pk}-{name}": value for name, value in fields.items()} | do, follow=True)


def test_the_settings_are_kept_and_the_log_tells_what_changed(client, alice, team, schema):
    SecondPersonPolicy.objects.update(above=1000)
    waiting = bill_of(alice, schema, 10)
    client.force_login(alice)
    assert 'value="1000"' in client.get(settings_page(schema)).content.decode()

    give(client, schema, team, above="5,000", first="20", share="")

    policy = SecondPersonPolicy.objects.get()
    assert (policy.above, policy.first, policy.share) == (5000, 20, 0)
    entry = Entry.objects.get(action="setting")
    assert entry.subject_name == "second person for Strict"
    assert entry.before == {"amounts above": "1,000", "the first documents": "0"}
    assert entry.after == {"amounts above": "5,000", "the first documents": "20"}
    assert fresh(waiting).evidence_due_at is not None
    give(client, schema, team, above="5000", first="20", share="0")
    assert Entry.objects.filter(action="setting").count() == 1


def test_the_settings_are_tried_on_the_last_hundred_documents_and_not_kept(client, alice, charlie, team):
    schema = make_schema("Many", schema=BILL)
    for total in [10] * 4 + [2_000] * 3:
        bill_of(alice, schema, total)
    bill_of(charlie, schema, 9_000)
    client.force_login(alice)
    assert "Of the last 7 documents, 0 would have" in client.get(settings_page(schema)).content.decode()

    def caught(**fields):
        return give(client, schema, team, do="try", **fields).content.decode()

    assert "Of the last 7 documents, 3 would have needed a second person." in caught(above="1 000,00")
    assert "Of the last 7 documents, 5 would have needed a second person." in caught(first="2", above="1000")
    assert "Of the last 7 documents, 7 would have needed a second person." in caught(share="100")
    assert not SecondPersonPolicy.objects.exists()


def test_the_preview_looks_at_a_hundred_and_knows_which_were_the_first(alice, team, monkeypatch):
    monkeypatch.setattr(policies, "LAST", 3)
    schema = make_schema("Many", schema=BILL)
    for _ in range(5):
        bill_of(alice, schema, 10)

    assert policies.preview(SecondPersonPolicy(schema=schema, team=team, first=3)) == policies.Preview(1, 3)
    assert policies.preview(SecondPersonPolicy(schema=schema, team=team, first=2)) == policies.Preview(0, 3)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("above", "nan"), ("above", "1e9"), ("above", "-5"), ("above", "9" * 40), ("first", "-1"), ("first", "999999"),
        ("share", "101"), ("share", "many"), ("share", "9" * 5000),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused_in_words(client, alice, team, schema, name, text):
    client.force_login(alice)

    page = give(client, schema, team, **{name: text})

    assert page.status_code == 200
    assert 'class="errorlist"' in page.content.decode()
    assert SecondPersonPolicy.objects.get().above == 5000


def test_only_those_who_may_set_rules_set_it(client, alice, team, victor, charlie, schema):
    for person in (victor, charlie):
        client.force_login(person)
        assert give(client, schema, team, above="9").status_code == 403
    client.force_login(victor)
    assert "Such documents are approved by two people" not in client.get(settings_page(schema)).content.decode()
    client.force_login(alice)
    assert client.get(reverse("extractions:second_person", args=[schema.pk, team.pk])).status_code == 405
    assert SecondPersonPolicy.objects.get().above == 5000
