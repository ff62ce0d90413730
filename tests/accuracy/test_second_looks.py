"""Blind second looks: what is drawn, who does them, and what their result changes."""

import uuid

import pytest
from django.urls import reverse

from extractions.accuracy.report import Choice, Report
from extractions.accuracy.second_looks import is_drawn
from extractions.models import AccuracyPolicy, Extraction, FieldCount, SecondLook
from extractions.review import edits, review_queue, second_looks
from portal.audit.models import Entry
from tests.factories import Role, make_person, make_team
from tests.review.making import DATA, make_bill

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    team = make_team()
    AccuracyPolicy.objects.create(team=team, blind_share=100)
    return team


@pytest.fixture
def alice(team):
    return make_person("Alice", team=team)


@pytest.fixture
def bob(team):
    return make_person("Bob", team=team)


def untouched(owner):
    """Approved, and nothing of it asked for a person."""
    extraction = make_bill(owner, evidence={})
    review_queue.approve(extraction, owner)
    return extraction


def judgements(extraction, **wrong):
    values = second_looks.values_to_judge(extraction)
    return {value.path: wrong.get(value.path, (value.extracted, "")) for value in values}


def look_of(extraction):
    return SecondLook.objects.get(extraction=extraction)


def url_of(extraction):
    return reverse("extractions:second_look", args=[extraction.key])


def posted(extraction, **typed):
    return {f"value:{path}": text for path, text in typed.items()}


def test_only_documents_that_nobody_touched_are_drawn(alice):
    drawn = untouched(alice)
    touched = make_bill(alice, data=DATA | {"number": "INV-2"}, evidence={})
    edits.confirm(touched, "total", alice)
    review_queue.approve(touched, alice)
    forced = make_bill(alice)
    review_queue.approve(forced, alice, override="fine")

    assert list(SecondLook.objects.values_list("extraction", flat=True)) == [drawn.pk]


def test_nothing_is_drawn_unless_the_team_says_so(alice, team):
    AccuracyPolicy.objects.filter(team=team).delete()
    untouched(alice)

    assert not SecondLook.objects.exists()


def test_the_sample_is_as_large_as_the_team_wants():
    keys = [uuid.UUID(int=number) for number in range(4000)]

    drawn = sum(is_drawn(key, 10) for key in keys)

    assert 320 <= drawn <= 480
    assert not any(is_drawn(key, 0) for key in keys)
    assert all(is_drawn(key, 100) for key in keys)


def test_whoever_approved_is_not_asked_while_somebody_else_can_look(alice, bob):
    extraction = untouched(alice)

    assert second_looks.look_at(alice, extraction.key) is None
    assert second_looks.look_at(bob, extraction.key) == look_of(extraction)


def test_a_team_of_one_looks_at_its_own(alice):
    extraction = untouched(alice)

    assert second_looks.look_at(alice, extraction.key) == look_of(extraction)


def test_strangers_and_viewers_find_no_look(alice, team):
    extraction = untouched(alice)

    assert second_looks.look_at(make_person("Charlie", team=make_team()), extraction.key) is None
    assert second_looks.look_at(make_person("Vera", team=team, role=Role.VIEWER), extraction.key) is None


def test_what_was_right_is_counted_and_the_document_stays_approved(alice, bob, team):
    extraction = untouched(alice)

    assert second_looks.finish(look_of(extraction), bob, judgements(extraction)) == 0

    extraction.refresh_from_db()
    looked = Report(Choice(team.pk), bob).looked
    assert extraction.review_state == Extraction.Review.APPROVED
    assert (looked.hits, looked.total) == (0, len(judgements(extraction)))


def test_what_was_wrong_is_counted_and_the_document_is_reopened_with_what_was_typed(alice, bob, team):
    extraction = untouched(alice)
    wrong = {"number": ("INV-7", ""), "currency": (None, "absent")}

    assert second_looks.finish(look_of(extraction), bob, judgements(extraction, **wrong)) == 2

    extraction.refresh_from_db()
    values = {value.path: value for value in extraction.values.all()}
    assert extraction.review_state == Extraction.Review.WAITING
    assert (values["number"].typed, values["currency"].answer) == ("INV-7", "absent")
    assert Report(Choice(team.pk), bob).looked.hits == 2


def test_what_cannot_be_read_says_nothing(alice, bob, team):
    extraction = untouched(alice)

    second_looks.finish(look_of(extraction), bob, judgements(extraction, number=(None, "illegible")))

    assert not FieldCount.objects.filter(blind=True, field="number").exists()


def test_a_look_counts_once(alice, bob):
    extraction = untouched(alice)
    look = look_of(extraction)
    second_looks.finish(look, bob, judgements(extraction))
    before = list(FieldCount.objects.order_by("pk").values())

    with pytest.raises(second_looks.Over):
        second_looks.finish(look, bob, judgements(extraction))

    assert list(FieldCount.objects.order_by("pk").values()) == before


def test_a_look_at_a_document_that_was_reopened_is_over_and_counts_nothing(alice, bob):
    extraction = untouched(alice)
    look = look_of(extraction)
    review_queue.reopen(extraction, alice)

    with pytest.raises(second_looks.Over):
        second_looks.finish(look, bob, judgements(extraction))

    assert not FieldCount.objects.filter(blind=True).exists()


def test_the_page_of_a_look_shows_values_and_no_marks(client, alice, bob):
    extraction = untouched(alice)
    client.force_login(bob)

    page = client.get(url_of(extraction)).content.decode()

    assert 'value="INV-1"' in page
    assert 'value="1,284.48"' in page
    assert "Confirmed by evidence" not in page
    assert "badge" not in page.partition("<form class=")[2]


def test_leaving_everything_as_it_stands_says_that_all_is_right(client, alice, bob):
    extraction = untouched(alice)
    client.force_login(bob)

    answer = client.post(url_of(extraction), {}, follow=True)

    assert "Everything was right. It is counted." in answer.content.decode()
    assert look_of(extraction).done_by == bob


def test_a_wrong_value_is_typed_over(client, alice, bob):
    extraction = untouched(alice)
    client.force_login(bob)

    answer = client.post(url_of(extraction), posted(extraction, total="99.50"), follow=True)

    assert "1 value was wrong." in answer.content.decode()
    assert extraction.values.get(path="total").typed == 99.5


def test_what_cannot_be_understood_is_told_and_nothing_typed_is_lost(client, alice, bob):
    extraction = untouched(alice)
    client.force_login(bob)

    answer = client.post(url_of(extraction), posted(extraction, total="much", number="INV-9"))

    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="much"' in page
    assert 'value="INV-9"' in page
    assert "Nothing is counted yet." in page
    assert look_of(extraction).done_at is None


def test_without_anything_to_look_at_one_is_reported(client, alice):
    client.force_login(alice)

    answer = client.get(reverse("extractions:next_second_look"), follow=True)

    assert "No document waits for a second look." in answer.content.decode()


def test_the_rate_is_set_by_administrators_and_audited(client, team):
    boss = make_person("Boss", team=team, role=Role.ADMINISTRATOR)
    client.force_login(boss)

    answer = client.post(reverse("extractions:second_look_share", args=[team.pk]), {"share": "5"}, follow=True)

    assert "Saved." in answer.content.decode()
    assert AccuracyPolicy.objects.get(team=team).blind_share == 5
    assert Entry.objects.filter(action="setting", after={"drawn for a second look, in %": "5"}).exists()


@pytest.mark.parametrize("share", ["-1", "101", "many", ""])
def test_a_rate_that_is_none_is_refused_in_words(client, team, share):
    boss = make_person("Boss", team=team, role=Role.ADMINISTRATOR)
    client.force_login(boss)

    answer = client.post(reverse("extractions:second_look_share", args=[team.pk]), {"share": share}, follow=True)

    assert "Give a whole number from 0 to 100." in answer.content.decode()
    assert AccuracyPolicy.objects.get(team=team).blind_share == 100
