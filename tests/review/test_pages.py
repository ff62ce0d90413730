"""The review pages, without scripts."""

from __future__ import annotations

import gzip
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions import context
from extractions.assessing import current
from extractions.models import Connection, Extraction, PageWords
from extractions.presentation import queue
from extractions.services import reviewing
from tests.factories import Role, make_extraction, make_person
from tests.review.making import DATA, make_bill, value_of


@pytest.fixture
def bill(alice):
    return make_bill(alice)


def address(bill, name="review"):
    return reverse(f"extractions:{name}", args=[bill.key])


def say(client, bill, **asked):
    return client.post(address(bill, "review_value"), json.dumps(asked), content_type="application/json")


def test_opening_takes_the_document_and_opens_the_first_field_that_needs_somebody(client, alice, bill):
    client.force_login(alice)

    page = client.get(address(bill)).content.decode()

    bill.refresh_from_db()
    assert bill.claimed_by == alice
    assert 'data-path="due_date"' in page
    assert 'value="absent:due_date"' in page
    assert "1 needs you" in page


def test_a_long_queue_and_a_long_wait_are_counted_only_so_far(client, alice, bill, monkeypatch):
    monkeypatch.setattr(queue, "SHOWN", 2)
    for module in (queue, context):
        monkeypatch.setattr(module, "COUNTED", 3)
    client.force_login(alice)
    make_bill(alice)
    assert "The first" not in client.get(reverse("extractions:review_queue")).content.decode()

    rows = [make_bill(alice) for _number in range(2)]
    for _number in range(4):
        make_extraction(owner=alice, state=Extraction.State.QUEUED)
    Connection.objects.update(pause=Connection.Pause.BY_HAND, paused_at=timezone.now())
    page = " ".join(client.get(reverse("extractions:review_queue")).content.decode().split())

    assert "The first 2 of 3+." in page
    assert "More than 3 documents wait safely; nothing was charged for them." in page
    Extraction.objects.filter(pk__in=[row.pk for row in rows[:1]]).update(review_state="approved")
    assert "The first 2 of 3." in client.get(reverse("extractions:review_queue")).content.decode()


def test_fetching_ahead_takes_nothing(client, alice, bill):
    client.force_login(alice)

    client.get(address(bill), headers={"Sec-Purpose": "prefetch"})

    bill.refresh_from_db()
    assert bill.claimed_by is None


def test_strangers_get_404_and_those_without_the_role_403(client, charlie, victor, team, bill):
    uploader = make_person("Ulla", team=team, role=Role.UPLOADER)
    for person, status in ((charlie, 404), (victor, 403), (uploader, 403)):
        client.force_login(person)
        assert client.get(address(bill)).status_code == status
        assert say(client, bill, do="confirm", path="total").status_code == status
        assert client.post(address(bill, "review_end"), {"do": "approve"}).status_code == status
        assert client.post(address(bill, "review_here"), "{}", content_type="application/json").status_code == status
        assert client.get(address(bill, "review_history")).status_code == status


def test_without_scripts_the_whole_form_is_saved_and_what_does_not_fit_is_told(client, alice, bill):
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

    assert (answer.status_code, answer.json()["error"]) == (422, "“much” is not a number.")
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


def test_a_cell_that_the_data_never_had_can_be_filled(client, alice, bill):
    client.force_login(alice)

    say(client, bill, do="set", path="lines[1].extra", text="x")
    say(
        client,
        bill,
        do="cells",
        cells=[{"path": "lines[0].amount", "text": "5"}, {"path": "lines[1].amount", "text": "6"}],
    )

    assert current(value_of(bill, "lines[1].extra")) == "x"
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


def test_a_sign_of_life_tells_who_is_here_and_what_they_changed(client, alice, bob, bill):
    client.force_login(bob)
    client.post(address(bill, "review_here"), json.dumps({"path": "total"}), content_type="application/json")
    say(client, bill, do="set", path="total", text="7", version=0)
    client.force_login(alice)

    told = client.post(
        address(bill, "review_here"), json.dumps({"change": 0, "active": True}), content_type="application/json"
    ).json()

    assert told["others"] == [{"name": "Bob", "initials": "B", "path": "total"}]
    assert told["entries"]["total"]["text"] == "7.00"
    assert told["mine"] is True


def test_approving_opens_the_next_document(client, alice, bill):
    other = make_bill(alice)
    client.force_login(alice)
    client.get(address(bill))
    say(client, bill, do="confirm", path="due_date")

    answer = client.post(address(bill, "review_end"), {"do": "approve"}, follow=True)

    assert answer.redirect_chain[-1][0] == address(other)
    assert Extraction.objects.get(pk=bill.pk).review_state == "approved"


def test_approving_red_fields_is_refused_with_their_number(client, alice, bill):
    client.force_login(alice)

    page = client.post(address(bill, "review_end"), {"do": "approve"}, follow=True).content.decode()

    assert "1 fields still need somebody." in page


def test_the_queue_says_what_waits_who_holds_what_and_what_was_done(client, alice, bob, bill):
    client.force_login(alice)
    assert bill.name in client.get(reverse("extractions:review_queue")).content.decode()

    reviewing.claim(bill, bob)
    assert "Bob holds 1" in client.get(reverse("extractions:review_queue")).content.decode()

    client.force_login(bob)
    say(client, bill, do="confirm", path="due_date")
    client.post(address(bill, "review_end"), {"do": "approve"})
    assert "You reviewed 1 document in" in client.get(reverse("extractions:review_queue")).content.decode()


def test_keys_can_be_changed_and_switched_off(client, alice, bill):
    client.force_login(alice)
    usual = {"keys": "1", "key:edit": "e", "key:absent": "x", "key:illegible": "i", "key:help": "?"}
    client.post(reverse("extractions:review_keys"), usual)
    assert '"x": "absent"' in client.get(address(bill)).content.decode()

    client.post(reverse("extractions:review_keys"), usual | {"letters_off": "on"})
    assert '<script id="letters" type="application/json">{}</script>' in client.get(address(bill)).content.decode()


LONG = [{"label": f"Article {number}", "quantity": 1, "amount": 5.5} for number in range(660)]
OF_THE_SITE = 2  # the session and the person
IN_A_SAVEPOINT = 2  # which stands for the transaction here


def test_a_screen_takes_twelve_queries_and_little_of_the_line_however_many_values(
    client, alice, django_assert_max_num_queries
):
    bill = make_bill(alice, data=DATA | {"lines": LONG}, page_count=200)
    client.force_login(alice)

    with django_assert_max_num_queries(12):
        page = client.get(address(bill), headers={"Accept-Encoding": "gzip"})

    assert page.headers["Content-Encoding"] == "gzip"
    assert b"Article 659" in gzip.decompress(page.content)
    assert len(page.content) < 60_000


@pytest.mark.parametrize(
    "asked",
    [
        {"do": "set", "path": "due_date", "text": "2026-12-18"},
        {"do": "set", "path": "total", "text": "1"},
        {"do": "leave", "path": "supplier.name", "text": "Moulin"},
        {"do": "confirm", "path": "number"},
        {"do": "absent", "path": "due_date"},
    ],
)
def test_a_saved_field_takes_six_queries(client, alice, bill, django_assert_max_num_queries, asked):
    client.force_login(alice)

    with django_assert_max_num_queries(6 + OF_THE_SITE + IN_A_SAVEPOINT):
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


def test_a_comment_is_there_for_whoever_opens_the_document(client, alice, bob, bill):
    client.force_login(alice)
    client.post(address(bill, "review_end"), {"do": "comment", "text": "Called them <twice>."})
    client.post(address(bill, "review_end"), {"do": "comment", "text": "  "})
    client.force_login(bob)

    page = client.get(address(bill)).content.decode()

    assert "Called them &lt;twice&gt;." in page
    assert bill.comments.get().author == alice


def test_a_newer_extraction_of_the_file_is_told_and_ours_stays(client, alice, charlie, bill):
    client.force_login(alice)
    assert 'id="newer" hidden' in client.get(address(bill)).content.decode()
    make_bill(charlie, sha256=bill.sha256)
    assert 'id="newer" hidden' in client.get(address(bill)).content.decode()

    newer = make_bill(alice, sha256=bill.sha256)

    assert f'href="{newer.get_absolute_url()}">Compare' in client.get(address(bill)).content.decode()
    told = client.post(address(bill, "review_here"), "{}", content_type="application/json").json()
    assert told["newer"] == newer.get_absolute_url()
    assert client.post(address(newer, "review_here"), "{}", content_type="application/json").json()["newer"] == ""


def test_a_document_is_given_to_one_of_the_team(client, alice, bob, charlie, bill):
    client.force_login(alice)
    page = client.get(address(bill)).content.decode()
    assert f'<option value="{bob.pk}"' in page
    assert f'<option value="{charlie.pk}"' not in page

    client.post(address(bill, "review_end"), {"do": "assign", "to": bob.pk})
    client.post(address(bill, "review_end"), {"do": "assign", "to": charlie.pk})

    assert Extraction.objects.get(pk=bill.pk).assigned_to == bob


def test_the_first_chooses_the_second_person(client, alice, bob, bill):
    Extraction.objects.filter(pk=bill.pk).update(second_wanted=True)
    client.force_login(alice)
    say(client, bill, do="confirm", path="due_date")
    page = client.get(address(bill)).content.decode()
    assert f'<option value="{bob.pk}">Bob</option>' in page[page.index('name="second"') :]

    client.post(address(bill, "review_end"), {"do": "approve", "second": alice.pk})
    assert Extraction.objects.get(pk=bill.pk).first_approved_by is None
    client.post(address(bill, "review_end"), {"do": "approve", "second": bob.pk})

    bill.refresh_from_db()
    assert (bill.first_approved_by, bill.assigned_to, bill.review_state) == (alice, bob, "waiting")


def test_a_document_without_a_schema_says_why_it_has_no_fields(client, alice):
    plain = make_extraction(owner=alice, state="EXTRACTED", schema=None, extracted_data=None)
    client.force_login(alice)

    assert "This document was read without a schema." in client.get(address(plain)).content.decode()


def test_a_document_that_is_being_read_has_no_review_yet(client, alice):
    running = make_extraction(owner=alice, state="RUNNING")
    client.force_login(alice)

    assert client.get(address(running)).url == running.get_absolute_url()
