"""Values that a reviewer saves one by one, from the screen with scripts and from the form without."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from extractions.models import PageWords
from extractions.review import edits
from extractions.verification.review_status import current
from tests.review.making import DATA, make_bill, value_of
from tests.review.screens import address, say


@pytest.fixture
def bill(alice):
    return make_bill(alice)


def test_without_scripts_the_whole_form_is_saved_and_what_does_not_fit_is_reported(client, alice, bill):
    client.force_login(alice)
    typed = {"value:total": "1 248,48", "value:due_date": "soon", "value:number": "INV-1", "do": "illegible:due_date"}

    page = client.post(address(bill), typed, follow=True).content.decode()

    assert current(value_of(bill, "total")) == 1248.48
    assert value_of(bill, "due_date").answer == "illegible"
    assert bill.changes.count() == 2
    assert "“soon” is not a date" in page


def test_a_field_is_saved_by_itself_and_its_badge_comes_back(client, alice, bill):
    client.force_login(alice)

    answer = say(client, bill, do="set", path="due_date", text="18 Dec 2026", version=0).json()

    entry = answer["entries"]["due_date"]
    assert (entry["text"], entry["was"], entry["mark"]) == ("2026-12-18", "was 2026-12-17", "edited")
    assert "Edited by Alice" in entry["badge"]
    assert answer["change"]


def test_a_wrong_type_is_refused_in_words(client, alice, bill):
    client.force_login(alice)

    answer = say(client, bill, do="set", path="total", text="much")

    assert (answer.status_code, answer.json()["error"]) == (422, "“much” is not a number. Write it like 1,234.50.")
    assert current(value_of(bill, "total")) == 1284.48


def test_a_clash_shows_both_values_and_the_name(client, alice, bob, bill):
    client.force_login(bob)
    say(client, bill, do="set", path="total", text="1248.48", version=0)
    client.force_login(alice)

    answer = say(client, bill, do="set", path="total", text="1.00", version=0)

    clash = answer.json()["clash"]
    assert answer.status_code == 409
    assert (clash["who"], clash["theirs"], clash["mine"], clash["extracted"]) == ("Bob", "1,248.48", "1.00", "1,284.48")


def test_leaving_a_field_confirms_nothing(client, alice, bill):
    client.force_login(alice)

    say(client, bill, do="leave", path="due_date", text="2026-12-17")

    assert value_of(bill, "due_date").standing == "needs_you"
    assert not bill.changes.exists()


def test_a_cell_that_the_data_never_had_can_be_filled(client, alice):
    bill = make_bill(alice, data=DATA | {"lines": [{"amount": 1200}, {"amount": 84.48}]})
    client.force_login(alice)

    say(client, bill, do="set", path="lines[1].label", text="x")
    say(
        client,
        bill,
        do="cells",
        cells=[{"path": "lines[0].amount", "text": "5"}, {"path": "lines[1].amount", "text": "6"}],
    )

    assert current(value_of(bill, "lines[1].label")) == "x"
    assert current(value_of(bill, "lines[1].amount")) == 6


def test_pasted_cells_are_all_taken_or_none(client, alice, bill):
    client.force_login(alice)

    answer = say(
        client, bill, do="cells", cells=[{"path": "lines[0].amount", "text": "5"}, {"path": "total", "text": "?"}]
    )

    assert answer.status_code == 422
    assert current(value_of(bill, "lines[0].amount")) == 1200


@pytest.mark.parametrize("body", ["[]", "7", "null", '"path"', "no JSON", "[" * 200_000])
@pytest.mark.parametrize("name", ["review_here", "review_value"])
def test_what_is_no_object_is_refused(client, alice, bill, name, body):
    client.force_login(alice)

    assert client.post(address(bill, name), body, content_type="application/json").status_code == 400


OF_THE_SITE = 2  # the session and the person
IN_A_SAVEPOINT = 2  # which stands for the transaction here


@pytest.mark.parametrize(
    ("asked", "queries"),
    [
        ({"do": "set", "path": "due_date", "text": "2026-12-18"}, 6),
        ({"do": "set", "path": "total", "text": "1"}, 7),  # which identifies the invoice
        ({"do": "leave", "path": "supplier.name", "text": "Moulin"}, 7),
        ({"do": "confirm", "path": "number"}, 6),
        ({"do": "absent", "path": "due_date"}, 6),
    ],
)
def test_a_saved_field_takes_six_queries_or_seven(client, alice, bill, django_assert_max_num_queries, asked, queries):
    client.force_login(alice)

    with django_assert_max_num_queries(queries + OF_THE_SITE + IN_A_SAVEPOINT):
        answer = say(client, bill, version=0, change=0, **asked)

    assert answer.status_code == 200
    assert bill.changes.get().path == asked["path"]


def test_what_others_did_meanwhile_comes_with_the_answer(client, alice, bob, bill):
    client.force_login(bob)
    say(client, bill, do="set", path="supplier.name", text="Moulin", version=0)
    client.force_login(alice)

    answer = say(client, bill, do="confirm", path="number", version=0, change=0).json()

    assert {"supplier.name", "number"} <= answer["entries"].keys()
    assert answer["entries"]["supplier.name"]["text"] == "Moulin"
    again = say(client, bill, do="confirm", path="due_date", version=0, change=answer["change"]).json()
    assert again["entries"].keys() == {"due_date"}


def test_leaving_a_field_tells_how_it_is_written(client, alice, bill):
    client.force_login(alice)

    answer = say(client, bill, do="leave", path="due_date", text="17 dec 2026").json()

    assert answer["entries"]["due_date"]["text"] == "2026-12-17"
    assert not bill.changes.exists()


def test_a_typed_value_is_looked_for_on_the_pages(client, alice, bill):
    words = [[0.1, 0.2, 0.2, 0.22, "INV-77"], [0.3, 0.2, 0.4, 0.22, "other"]]
    PageWords.objects.create(extraction=bill, number=1, words=words, source="text layer")
    client.force_login(alice)
    say(client, bill, do="set", path="number", text="INV-77", version=0)

    answer = say(client, bill, do="seek", path="number").json()

    assert value_of(bill, "number").boxes == [[0.1, 0.2, 0.2, 0.22]]
    assert answer["entries"]["number"]["version"] == 1
    assert bill.changes.count() == 1


@pytest.mark.parametrize(
    ("path", "text", "same"),
    [
        ("total", "1284.48", True),
        ("total", " 1 284,48", True),
        ("total", "1284.49", False),
        ("total", "soon", False),
        ("due_date", "17.12.2026", True),
        ("supplier.name", "Atelier Kerbrune", True),
        ("supplier.name", "", False),
        ("no.such", "x", False),
    ],
)
def test_whether_a_kept_text_has_arrived_is_asked_without_changing_anything(client, alice, bill, path, text, same):
    client.force_login(alice)

    answer = say(client, bill, do="compare", path=path, text=text)

    assert answer.json()["same"] is same
    assert not bill.changes.exists()
    assert not bill.values.filter(path="no.such").exists()


def test_the_same_change_by_two_people_is_nothing_to_decide(client, alice, bob, bill):
    client.force_login(bob)
    say(client, bill, do="set", path="total", text="9", version=0)
    client.force_login(alice)

    same = say(client, bill, do="set", path="total", text="9,00", version=0).json()["clash"]["same"]
    other = say(client, bill, do="set", path="total", text="9,01", version=0).json()["clash"]["same"]

    assert (same, other) == (True, False)


DEED = "6f9619ff-8b86-4d01-b42d-00c04fc964ff"
BLOCK = {"do": "paste", "row": "lines[1]", "column": "label", "block": [["One"], ["Two"], ["Three"]]}
ADD = {"do": "add", "path": "lines"}


def texts(bill):
    return list(bill.values.filter(removed=False).order_by("path").values_list("path", "text"))


@pytest.mark.parametrize("deed", [ADD, BLOCK, {"do": "undo"}, {"do": "redo"}], ids=lambda deed: deed["do"])
def test_a_deed_that_is_sent_again_after_its_answer_was_lost_is_done_once(client, alice, bill, deed):
    client.force_login(alice)
    for number in ("INV-7", "INV-8", "INV-9"):
        say(client, bill, do="set", path="number", text=number)
    if deed["do"] == "redo":
        say(client, bill, do="undo", id=str(uuid4()))
        say(client, bill, do="undo", id=str(uuid4()))
    before = bill.changes.last().pk
    first = say(client, bill, **deed, id=DEED, change=before)
    done, changes = texts(bill), bill.changes.count()

    second = say(client, bill, **deed, id=DEED, change=before)

    assert (first.status_code, second.status_code) == (200, 200)
    assert (texts(bill), bill.changes.count()) == (done, changes)
    assert {**second.json(), "saved": ""} == {**first.json(), "saved": ""}
    say(client, bill, **deed, id=str(uuid4()))
    assert bill.changes.count() > changes


def test_what_was_done_under_an_id_is_undone_and_done_again_as_one_act(client, alice, bill):
    client.force_login(alice)
    start = texts(bill)
    say(client, bill, **BLOCK, id=str(uuid4()))
    pasted = texts(bill)
    assert pasted != start

    assert say(client, bill, do="undo", id=str(uuid4())).json()["grids"]
    assert texts(bill) == start
    assert say(client, bill, do="redo", id=str(uuid4())).json()["grids"]
    assert texts(bill) == pasted


def test_an_undone_cell_is_told_by_itself(client, alice, bill):
    client.force_login(alice)
    say(client, bill, do="set", path="lines[0].label", text="Wire")

    told = say(client, bill, do="undo", id=DEED, change=bill.changes.last().pk).json()

    assert (list(told["entries"]), told["grids"]) == (["lines[0].label"], False)


def test_the_id_of_somebody_elses_deed_and_a_word_that_is_no_id_hide_nothing(client, alice, bob, bill):
    client.force_login(alice)
    say(client, bill, **ADD, id=DEED)
    assert say(client, bill, **ADD, id="once").status_code == 400
    client.force_login(bob)

    say(client, bill, **ADD, id=DEED)

    assert bill.changes.filter(kind="add").count() == 2


def shown_change(client, bill):
    """What the form without scripts says that it shows."""
    page = client.get(address(bill)).content.decode()
    return re.findall(r'name="change" value="(\d+)"', page)[0]


def test_without_scripts_a_newer_change_of_somebody_else_is_not_overwritten(client, alice, bob, bill):
    client.force_login(alice)
    shown = {"change": shown_change(client, bill)}
    edits.set_value(bill, "total", 99, bob)
    edits.set_value(bill, "number", "BOB-7", bob)
    edits.set_value(bill, "due_date", "2027-01-01", bob)
    bill.refresh_from_db()

    typed = {"value:total": "1,284.48", "value:number": "MINE-1", "value:supplier.name": "Moulin"}
    page = client.post(address(bill), shown | typed | {"do": "confirm:due_date"}, follow=True).content.decode()

    assert (current(value_of(bill, "total")), current(value_of(bill, "number"))) == (99, "BOB-7")
    assert current(value_of(bill, "supplier.name")) == "Moulin"
    assert "Bob changed Invoice number to BOB-7 while you typed MINE-1." in page
    assert "Bob changed Total" not in page
    assert "Somebody else changed this in the meantime." in page
    assert not bill.changes.filter(author=alice).exclude(path="supplier.name").exists()


def test_without_scripts_what_one_has_seen_or_changed_oneself_is_saved(client, alice, bob, bill):
    client.force_login(alice)
    shown = {"change": shown_change(client, bill)}
    edits.set_value(bill, "number", "MINE-1", alice)
    edits.set_value(bill, "total", 99, bob)
    client.post(address(bill), shown | {"value:number": "MINE-2"})
    client.post(address(bill), {"change": shown_change(client, bill), "value:total": "98"})

    assert (current(value_of(bill, "number")), current(value_of(bill, "total"))) == ("MINE-2", 98)
