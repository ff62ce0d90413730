"""What is typed while an earlier save is on its way is saved too."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import expect

from extractions.verification.review_status import current
from tests.browser.review_screen import eventually, opened, type_into
from tests.browser.test_review import field, saved, signed_in
from tests.factories import make_person, make_team
from tests.review.making import make_bill, value_of

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_as(browser, wire):
    return partial(signed_in, browser, wire)


@pytest.fixture
def team(transactional_db):
    return make_team()


@pytest.fixture
def alice(team):
    return make_person("Alice", team=team)


@pytest.fixture
def bill(alice):
    return make_bill(alice)


def test_what_is_typed_while_an_earlier_save_is_on_its_way_is_saved_and_shown(open_as, alice, bill):
    page = opened(open_as(alice), bill)
    held = []

    def hold_the_first(route):
        if not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/value/", hold_the_first)
    type_into(page, "total", "12")
    field(page, "number").focus()
    eventually(lambda: len(held), 1, page)
    type_into(page, "total", "13")
    field(page, "number").focus()
    type_into(page, "supplier.name", "Moulin")

    held[0].continue_()

    eventually(lambda: current(value_of(bill, "total")), 13, page)
    expect(field(page, "total")).to_have_value("13.00")
    expect(field(page, "supplier.name")).to_have_value("Moulin")
    assert list(bill.changes.filter(path="total").values_list("kind", flat=True)) == ["set", "set"]
    assert page.errors == []


def test_what_is_left_unblurred_while_a_save_is_on_its_way_stays(open_as, alice, bill):
    page = opened(open_as(alice), bill)
    held = []
    page.route("**/value/", lambda route: route.continue_() if held else held.append(route))
    type_into(page, "total", "12")
    field(page, "number").focus()
    eventually(lambda: len(held), 1, page)
    field(page, "total").evaluate("input => { input.value = '13'; }")

    held[0].continue_()

    saved(page)
    expect(field(page, "total")).to_have_value("13")


def test_a_text_of_many_bytes_is_saved(open_as, alice, bill):
    """Browsers count bytes, not characters, of what they let outlive its page."""
    page = opened(open_as(alice), bill)
    field(page, "number").fill("😀" * 18_000)
    field(page, "total").focus()

    saved(page)
    assert current(value_of(bill, "number")) == "😀" * 18_000


def test_a_text_is_saved_while_other_requests_use_up_what_may_outlive_the_page(open_as, alice, bill):
    page = opened(open_as(alice), bill)
    held = []
    page.route("**/held/", lambda route: held.append(route))
    page.evaluate("void fetch('/held/', { method: 'POST', keepalive: true, body: 'x'.repeat(64 * 1024 - 10) })")
    eventually(lambda: len(held), 1, page)
    type_into(page, "number", "H-1")
    field(page, "total").focus()

    saved(page)
    assert current(value_of(bill, "number")) == "H-1"
