"""Nothing that opens lets a key through to the document behind it: whatever is open, what is typed is text.

The walk finds the surfaces in the page itself, so that one that comes later is walked, too.
"""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from extractions.models import Change, Comment, Extraction
from extractions.review import comments
from tests.browser.test_review import field, open_as, saved  # noqa: F401
from tests.extractions.test_column import URL as COLUMN
from tests.extractions.test_column import waiting_documents
from tests.factories import make_person, make_schema, make_team
from tests.review.making import DATA, make_bill, value_of

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]
PAUSE = 700  # milliseconds: longer than the breath in which keys are dropped after a change of pages

FIND = "dialog, [popover], details, [data-surface]"
OPEN = """number => {
  const surface = [...document.querySelectorAll(FIND)][number];
  surface.dataset.walked = "";
  if (surface.matches("details[open]")) surface.open = false;
  const id = CSS.escape(surface.id || "-");
  const opener = surface.matches("details") ? surface.querySelector("summary")
    : document.querySelector(`[popovertarget="${id}"], [data-dialog="${id}"], [data-opens="${id}"]`)
      ?? (surface.matches(".viewer-find") ? document.querySelector("[data-do=find]") : null);
  if (opener?.checkVisibility()) return (opener.dataset.opener = "", "opener");
  if (opener) return "not on this screen";
  if (surface.matches("dialog")) surface.showModal();
  else if (surface.matches("[popover]")) surface.showPopover();
  else surface.hidden = false;
  return "opened";
}""".replace("FIND", json.dumps(FIND))
STATE = """() => {
  const walked = document.querySelector("[data-walked]");
  const texts = "textarea, select, input:not([type=checkbox], [type=radio], [type=hidden], [type=file])";
  const first = [...walked.querySelectorAll(texts)].find(one => one.checkVisibility() && !one.readOnly);
  return {
    takesText: Boolean(first),
    text: first?.matches("select, [type=date]") ? null : first?.value,
    inside: walked.contains(document.activeElement),
    dialogs: [...document.querySelectorAll("dialog[open]")].map(one => one.id),
    name: walked.id || walked.className || walked.tagName,
  };
}"""


def sentence_of(page) -> str:
    """Every letter that is a command on this page, within words."""
    letters = page.evaluate("Object.keys(JSON.parse(document.getElementById('letters')?.textContent ?? '{}')).join('')")
    return f"Marie is this right? Please check the date: 1+2-0 {letters}{letters.upper()} / thanks"


def facts(bills):
    """All that a key could have changed."""
    rows = Extraction.objects.filter(pk__in=[bill.pk for bill in bills]).order_by("pk")
    values = [list(row.values.order_by("pk").values_list("path", "typed", "answer", "confirmed_by")) for row in rows]
    return list(rows.values_list("review_state", "needs", "assigned_to")), values, Change.objects.count()


def walk(page, address, bills):
    """Open each surface by its own opener, write a sentence, and see that it stays there."""
    page.goto(address)
    count = page.locator(FIND).count()
    before = facts(bills)
    walked = []
    for number in range(count):
        page.goto(address)
        page.wait_for_timeout(PAUSE)
        sentence = sentence_of(page)
        how = page.evaluate(OPEN, number)
        if how == "not on this screen":
            continue
        if how == "opener":
            page.locator("[data-opener]").click()
        was = page.evaluate(STATE)
        place = page.url
        page.keyboard.type(sentence)
        state = page.evaluate(STATE)
        name = state["name"]
        assert page.url == place, name
        if state["takesText"]:
            assert state["inside"], f"{name}: the cursor is not in it"
        if state["text"] is not None and state["takesText"]:
            limit = page.evaluate("document.activeElement.maxLength")
            typed = sentence[:limit] if limit > 0 else sentence
            assert typed in state["text"], f"{name}: {state['text']!r}"
        assert state["dialogs"] == was["dialogs"], name
        assert facts(bills) == before, name
        walked.append(name)
    assert page.errors == []
    return walked


@pytest.fixture
def two(transactional_db):
    team = make_team()
    alice = make_person("Alice", team=team)
    make_person("Marie", team=team)
    bills = [make_bill(alice, page_count=2), make_bill(alice, data=DATA | {"number": "INV-2"}, evidence={})]
    comments.add(bills[0], alice, "Called them.")
    return alice, bills


@pytest.mark.parametrize("width", [1440, 390])
def test_no_surface_of_the_review_lets_a_key_through(open_as, two, width):  # noqa: F811
    alice, bills = two
    page = open_as(alice)
    page.set_viewport_size({"width": width, "height": 900})

    walked = walk(page, reverse("extractions:review", args=[bills[0].key]), bills)

    assert {"comment", "reason-dialog", "actions-dialog", "keys-dialog", "lease-dialog", "clash-dialog"} <= set(walked)
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("width", [1440, 390])
def test_no_surface_of_the_column_review_lets_a_key_through(open_as, two, width):  # noqa: F811
    alice, _bills = two
    bills = waiting_documents(alice, make_schema(), [100.5, 7.25])
    page = open_as(alice)
    page.set_viewport_size({"width": width, "height": 900})

    walked = walk(page, COLUMN, bills)

    assert len(walked) >= 1


@pytest.mark.parametrize("name", ["list", "detail", "review_queue", "upload", "team", "rules"])
def test_no_surface_of_the_other_pages_lets_a_key_through(open_as, two, name):  # noqa: F811
    alice, bills = two
    page = open_as(alice)
    addresses = {
        "team": lambda: reverse("team"),
        "detail": lambda: reverse("extractions:detail", args=[bills[0].key]),
        "rules": lambda: reverse("extractions:rules", args=[bills[0].schema_id]),
    }
    address = addresses.get(name, lambda: reverse(f"extractions:{name}"))()

    assert walk(page, address, bills)


def open_review(page, bill):
    page.goto(reverse("extractions:review", args=[bill.key]))
    expect(page.locator("body.review-live")).to_be_attached()
    page.wait_for_timeout(PAUSE)


def test_a_comment_is_written_sent_and_left_where_one_was(open_as, two):  # noqa: F811
    alice, (bill, _other) = two
    page = open_as(alice)
    open_review(page, bill)
    field(page, "total").focus()

    page.locator("#comment > summary").click()
    page.keyboard.type("Marie is this right?")
    # The cursor is lost; what is typed goes on in the box.
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type(" Please check the date")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Marie is this right? Please check the date")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".comments-list li")).to_have_count(2)
    expect(page.locator("#comment")).not_to_have_attribute("open", "")
    expect(field(page, "total")).to_be_focused()
    assert bill.comments.last().text == "Marie is this right? Please check the date"
    assert Extraction.objects.get(pk=bill.pk).review_state == "waiting"
    assert not Change.objects.exists()


def test_rejecting_takes_a_reason_and_the_button(open_as, two):  # noqa: F811
    """Whoever thinks that the cursor is in a field and types rejects nothing, line breaks included."""
    alice, (bill, _other) = two
    page = open_as(alice)
    open_review(page, bill)
    page.keyboard.press("Escape")

    page.keyboard.type("rue de Rivoli")
    page.keyboard.press("Enter")
    page.keyboard.type("Paris")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#reason")).to_have_value("ue de Rivoli\nParis")
    expect(page.get_by_role("button", name="Reject", exact=True)).to_be_focused()
    assert Extraction.objects.get(pk=bill.pk).review_state == "waiting"
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: str(bill.key) not in url)
    assert Extraction.objects.get(pk=bill.pk).reject_reason.split() == ["ue", "de", "Rivoli", "Paris"]


def held_back(page, pattern):
    """Answers to such requests come late."""

    def later(route):
        page.wait_for_timeout(400)
        route.continue_()

    page.route(re.compile(pattern), later)


@pytest.mark.parametrize("key", ["Control+Enter", "p", "j"])
def test_what_is_typed_while_the_page_changes_lands_in_no_document(open_as, two, key):  # noqa: F811
    alice, bills = two
    last = make_bill(alice, evidence={"supplier.vat": "missing"})
    first = bills[1] if key == "Control+Enter" else bills[0]
    bills = [*bills, last]
    page = open_as(alice)
    open_review(page, first)
    page.keyboard.press("Escape")
    before = facts([bill for bill in bills if bill != first])
    held_back(page, r"/end/$|/review/[0-9a-f-]{36}/$")

    place = page.url
    page.keyboard.press(key)
    page.keyboard.type("the date is 17.12.2026 prn", delay=60)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != place)
    page.wait_for_load_state()

    assert facts([bill for bill in bills if bill != first]) == before
    dirty = "[...document.querySelectorAll('.value')].filter(one => one.value !== one.defaultValue).length"
    assert page.evaluate(dirty) == 0
    page.wait_for_timeout(PAUSE)
    number = field(page, "number")
    number.fill("")
    page.keyboard.type("Z-1")
    expect(number).to_have_value("Z-1")
    assert page.errors == []


def test_a_second_press_or_click_approves_no_second_document(open_as, two):  # noqa: F811
    alice, (bill, other) = two
    third = make_bill(alice, data=DATA | {"number": "INV-3"}, evidence={})
    page = open_as(alice)
    open_review(page, other)
    page.keyboard.press("Escape")
    place = page.url

    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != place)
    page.wait_for_timeout(PAUSE)
    open_review(page, third)
    place = page.url
    page.locator("#approve").dblclick()
    page.wait_for_url(lambda url: url != place)
    page.wait_for_timeout(PAUSE)

    approved = Extraction.objects.filter(review_state="approved")
    assert set(approved) == {other, third}
    assert Extraction.objects.get(pk=bill.pk).review_state == "waiting"


def test_an_approval_that_waits_for_the_connection_is_taken_back_by_escape(open_as, two):  # noqa: F811
    alice, (_bill, other) = two
    page = open_as(alice)
    open_review(page, other)
    page.route("**/value/", lambda route: route.abort("connectionreset"))
    field(page, "total").fill("5.00")

    page.keyboard.press("Control+Enter")
    expect(page.locator("#state")).to_contain_text("Not saved: no connection")
    page.keyboard.type("nothing of this")
    expect(field(page, "total")).to_have_value("5.00")
    page.keyboard.press("Escape")
    page.wait_for_timeout(PAUSE)
    page.unroute("**/value/")

    saved(page)
    page.wait_for_timeout(PAUSE)
    assert value_of(other, "total").typed == 5
    assert Extraction.objects.get(pk=other.pk).review_state == "waiting"
    field(page, "number").fill("A-5")
    page.keyboard.press("Tab")
    saved(page)


def test_without_a_connection_nothing_that_was_written_goes(open_as, two):  # noqa: F811
    alice, (bill, _other) = two
    page = open_as(alice)
    open_review(page, bill)
    page.route("**/end/", lambda route: route.abort("connectionreset"))

    page.locator("[data-do-reject]").click()
    page.keyboard.type("Not an invoice")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.locator("#state")).to_contain_text("Nothing was done: no connection")
    expect(page.locator("#reason")).to_have_value("Not an invoice")
    page.wait_for_timeout(PAUSE)
    page.keyboard.press("Escape")
    page.locator("#comment > summary").click()
    page.keyboard.type("Call them")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#state")).to_contain_text("Nothing was done: no connection")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Call them")
    page.unroute("**/end/")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comments-list li")).to_have_count(2)
    assert Extraction.objects.get(pk=bill.pk).review_state == "waiting"


def test_a_refusal_that_comes_late_does_not_take_the_cursor(open_as, two):  # noqa: F811
    alice, (bill, _other) = two
    page = open_as(alice)
    open_review(page, bill)
    held_back(page, "/value/$")

    field(page, "total").fill("soon")
    field(page, "number").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("INV-2026-0042", delay=100)
    expect(page.get_by_text("“soon” is not a number.").first).to_be_visible()
    page.wait_for_timeout(PAUSE)

    expect(field(page, "number")).to_be_focused()
    expect(field(page, "number")).to_have_value("INV-2026-0042")
    expect(field(page, "total")).to_have_value("soon")


def test_a_row_that_comes_late_gets_no_command_in_its_place(open_as, two):  # noqa: F811
    alice, (bill, _other) = two
    page = open_as(alice)
    open_review(page, bill)
    page.locator("[data-drawer=toggle]:visible").first.click()
    held_back(page, "/value/$")

    page.locator("[data-grid-do=add]").click()
    page.keyboard.type("prn")
    expect(field(page, "lines[2].label")).to_be_focused()
    page.wait_for_timeout(PAUSE)
    page.keyboard.type("Nails")

    expect(field(page, "lines[2].label")).to_have_value("Nails")
    assert page.locator("dialog[open]").count() == 0
    assert Extraction.objects.get(pk=bill.pk).review_state == "waiting"
