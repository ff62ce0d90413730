"""What is written and not sent is saved when the page goes, or kept and offered again; it never overwrites others."""

from __future__ import annotations

import contextlib
import time
from functools import partial

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Error, expect

from extractions.models import Extraction, Value
from extractions.review import edits
from extractions.verification.review_status import current
from tests.browser.review_screen import KEPT, PAUSE, eventually, opened, type_into
from tests.browser.test_review import field, saved, signed_in
from tests.extractions.test_column import URL as COLUMN
from tests.extractions.test_column import waiting_documents
from tests.factories import make_person, make_schema, make_team
from tests.review.making import make_bill, value_of
from tests.review.screens import address

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


def close(page):
    """As a person closes a tab; what the page says on its way out is heard."""
    with page.expect_event("close"):
        page.close(run_before_unload=True)


def crash(page):
    with contextlib.suppress(Error):
        page.goto("chrome://crash")
    page.close()


def follow_by_script(page):
    page.evaluate("document.querySelector('.review-back').click()")
    page.wait_for_url("**/review/")


LEAVING = {
    "close": close,
    "reload": lambda page: page.reload(),
    "another address": lambda page: page.goto(reverse("extractions:list")),
    "back": lambda page: page.go_back(),
    "a link": lambda page: page.locator(".review-back").click(),
    "a link by script": follow_by_script,
}


@pytest.mark.parametrize("way", LEAVING)
def test_the_text_under_the_cursor_is_saved_when_the_page_goes(open_as, alice, bill, way):
    page = open_as(alice)
    page.goto(reverse("extractions:review_queue"))
    for number in ("A-1", "A-2", "A-3"):
        opened(page, bill)
        type_into(page, "number", number)
        context = page.context

        LEAVING[way](page)

        page = context.new_page() if page.is_closed() else page
        page.goto(reverse("extractions:review_queue"))
        eventually(lambda: current(value_of(bill, "number")), number, page)
        opened(page, bill)
        expect(field(page, "number")).to_have_value(number)
        expect(page.locator("#kept li")).to_have_count(0)
        assert page.evaluate(KEPT) == []


def test_several_texts_in_a_hurry_are_all_saved(open_as, alice, bill):
    page = opened(open_as(alice), bill)
    page.locator("[data-drawer=toggle]:visible").first.click()
    for path, text in (("number", "B-1"), ("supplier.name", "Moulin"), ("lines[0].label", "Wire"), ("total", "5.25")):
        type_into(page, path, text)
    context = page.context

    close(page)

    page = context.new_page()
    page.goto(reverse("extractions:review_queue"))
    for path, value in (("number", "B-1"), ("supplier.name", "Moulin"), ("lines[0].label", "Wire"), ("total", 5.25)):
        eventually(lambda path=path: current(value_of(bill, path)), value, page)


@pytest.mark.parametrize("way", ["killed", "no connection", "server error"])
def test_what_did_not_arrive_is_offered_again(open_as, wire, alice, bill, way):
    page = opened(open_as(alice), bill)
    context = page.context
    for number in ("C-1", "C-2", "C-3"):
        type_into(page, "number", number)

        if way == "killed":
            crash(page)
        else:
            wire.cut() if way == "no connection" else wire.refuse()
            close(page)
            time.sleep(1)
        wire.mend()

        page = opened(context.new_page(), bill)
        offered = page.locator("#kept li")
        expect(offered).to_have_text(
            f"Invoice number: you typed “{number}” here and left. Use it Discard", use_inner_text=True
        )
        expect(field(page, "number")).to_have_value("INV-1")

    page.get_by_role("button", name="Use it").click()
    expect(field(page, "number")).to_be_focused()
    page.keyboard.press("Tab")

    saved(page)
    assert current(value_of(bill, "number")) == "C-3"
    expect(page.locator("#kept")).to_be_hidden()
    assert page.evaluate(KEPT) == []


def test_what_was_refused_is_offered_and_can_be_discarded(open_as, alice, bill):
    page = opened(open_as(alice), bill)
    type_into(page, "total", "soon")

    page.reload()

    expect(page.locator("#kept li")).to_contain_text("Total: you typed “soon” here and left.")
    page.wait_for_timeout(PAUSE)
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#kept")).to_be_hidden()
    page.reload()
    page.wait_for_timeout(PAUSE)
    expect(page.locator("#kept")).to_be_hidden()
    expect(field(page, "total")).to_have_value("1,284.48")


def test_a_newer_change_of_somebody_else_stays_and_is_shown_beside(open_as, team, alice, bill):
    page = opened(open_as(alice), bill)
    context = page.context
    type_into(page, "number", "D-1")
    edits.set_value(bill, "number", "BOB-7", make_person("Bob", team=team))

    close(page)

    page = opened(context.new_page(), bill)
    words = page.locator("#kept .banner-text")
    expect(words).to_have_text("Invoice number: you typed “D-1” here and left. Meanwhile it became “BOB-7”.")
    expect(field(page, "number")).to_have_value("BOB-7")
    assert current(value_of(bill, "number")) == "BOB-7"


def test_a_save_that_was_still_on_its_way_asks_before_it_replaces_a_newer_change(open_as, wire, team, alice, bill):
    page = opened(open_as(alice), bill)
    context = page.context
    wire.cut()
    type_into(page, "number", "E-1")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_contain_text("Not saved: no connection")
    page.close()
    edits.set_value(bill, "number", "BOB-8", make_person("Bob", team=team))
    wire.mend()

    page = context.new_page()
    page.goto(address(bill))

    expect(page.get_by_text("Bob changed Invoice number to BOB-8 while you typed E-1.")).to_be_visible()
    assert current(value_of(bill, "number")) == "BOB-8"
    page.wait_for_timeout(PAUSE)
    page.keyboard.press("Escape")
    expect(page.locator("#kept .banner-text")).to_contain_text("you typed “E-1” here and left")
    expect(field(page, "number")).to_have_value("BOB-8")


def test_a_comment_and_a_reason_are_offered_again(open_as, alice, bill):
    page = opened(open_as(alice), bill)
    page.locator("#comment > summary").click()
    page.keyboard.type("Marie, is this right?\nI think")
    page.keyboard.press("Escape")
    page.locator("[data-do-reject]").click()
    page.keyboard.type("Not an invoice")

    page.reload()

    page.wait_for_timeout(PAUSE)
    comment, reason = (page.locator("#kept li", has_text=word) for word in ("Marie, is this right?", "Not an invoice"))
    reason.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("heading", name="Reject this document")).to_be_visible()
    expect(page.locator("#reason")).to_have_value("Not an invoice")
    page.keyboard.press("Escape")
    comment.get_by_role("button", name="Use it").click()
    box = page.get_by_label("Comment", exact=True)
    expect(box).to_be_focused()
    expect(box).to_have_value("Marie, is this right?\nI think")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comments-list li")).to_have_count(1)
    page.reload()
    page.wait_for_timeout(PAUSE)
    expect(page.locator("#kept li")).to_have_count(1)
    page.locator("#kept li").get_by_role("button", name="Discard").click()
    assert page.evaluate(KEPT) == []


def test_a_rejection_that_arrived_offers_nothing(open_as, alice, bill):
    page = opened(open_as(alice), bill)
    page.locator("[data-do-reject]").click()
    page.keyboard.type("Not an invoice")
    page.get_by_role("button", name="Reject", exact=True).click()
    page.wait_for_url("**/review/")

    assert page.evaluate(KEPT) == []
    assert Extraction.objects.get(pk=bill.pk).reject_reason == "Not an invoice"


def sign_in(page, person):
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    root = page.evaluate("location.origin")
    page.context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": root}])


def written_and_left(page, wire, bill):
    """A page of the same browser on which nobody is signed in any more, after a text was written and did not arrive."""
    opened(page, bill)
    type_into(page, "number", "F-1")
    wire.cut()
    with contextlib.suppress(Error):
        page.reload()
    time.sleep(1)
    wire.mend()
    Session.objects.all().delete()
    page.goto(reverse("extractions:list"))
    assert "login" in page.url
    assert page.evaluate(KEPT)


def test_somebody_else_in_the_same_browser_finds_nothing(open_as, wire, team, alice, bill):
    page = open_as(alice)
    written_and_left(page, wire, bill)
    sign_in(page, make_person("Bob", team=team))

    opened(page, bill)

    expect(page.locator("#kept li")).to_have_count(0)
    assert page.evaluate(KEPT) == []
    assert current(value_of(bill, "number")) == "INV-1"


def test_signing_out_forgets_and_a_session_that_ran_out_does_not(open_as, wire, alice, bill):
    page = open_as(alice)
    written_and_left(page, wire, bill)
    sign_in(page, alice)
    opened(page, bill)
    expect(page.locator("#kept li")).to_have_count(1)

    page.goto(reverse("account_logout"))
    page.locator("form[data-signs-out] button").last.click()
    page.wait_for_load_state()

    assert page.evaluate(KEPT) == []


def test_a_browser_that_gives_no_storage_reviews_all_the_same(open_as, alice, bill):
    page = open_as(alice)
    refuse = "Object.defineProperty(window, 'NAME', { get() { throw new DOMException('no', 'SecurityError'); } });"
    for name in ("localStorage", "sessionStorage"):
        page.add_init_script(refuse.replace("NAME", name))
    opened(page, bill)

    type_into(page, "number", "G-1")
    page.keyboard.press("Enter")

    saved(page)
    type_into(page, "total", "6.50")
    page.goto(reverse("extractions:list"))
    eventually(lambda: current(value_of(bill, "total")), 6.5, page)
    assert current(value_of(bill, "number")) == "G-1"
    assert page.errors == []


def test_column_review_saves_or_offers_what_was_typed(open_as, wire, alice):
    waiting_documents(alice, make_schema(), [10.5, 20.5, 30.5])
    page = open_as(alice)
    page.goto(COLUMN)
    page.wait_for_timeout(PAUSE)
    page.keyboard.type("77.25")
    page.reload()
    eventually(
        lambda: list(Value.objects.filter(path="total", corrected=True).values_list("typed", flat=True)), [77.25], page
    )
    page.wait_for_timeout(PAUSE)
    expect(page.locator("#kept li")).to_have_count(0)

    page.goto(COLUMN)
    page.wait_for_timeout(PAUSE)
    first = page.locator("[data-row] input[name=text]").first
    before = first.input_value()
    first.focus()
    page.keyboard.type("88.5")
    wire.cut()
    with contextlib.suppress(Error):
        page.reload()
    time.sleep(1)
    wire.mend()
    page.goto(COLUMN)
    page.wait_for_timeout(PAUSE)

    expect(page.locator("#kept .banner-text")).to_contain_text("you typed “88.5” here and left.")
    expect(page.locator("[data-row] input[name=text]").first).to_have_value(before)
    page.get_by_role("button", name="Use it").click()
    page.keyboard.press("Enter")
    eventually(lambda: 88.5 in Value.objects.filter(path="total").values_list("typed", flat=True), True, page)
    eventually(lambda: page.evaluate(KEPT), [], page)
    assert page.errors == []
