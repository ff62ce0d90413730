"""The review screen in a real browser: worked from the keyboard, and by two people at once."""

from __future__ import annotations

import os
from functools import partial

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import expect

from extractions.models import Extraction
from extractions.review import edits, review_queue
from extractions.verification.review_status import current
from portal.people.models import User
from tests.browser.people import new_context
from tests.factories import make_person, make_team
from tests.review.making import DATA, make_bill, value_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DOCUMENTS = 10
# Playwright's own loop runs in this thread; Django then wants to be told that the database may be used all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
NO_MOUSE = """
for (const kind of ["mousedown", "pointerdown", "click", "wheel"]) {
  addEventListener(kind, (event) => {
    if (event.isTrusted && event.detail) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
}
"""


def signed_in(browser, live_server, person: User):
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    context = new_context(browser, base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": live_server.url}])
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    return page


@pytest.fixture
def open_as(browser, live_server):
    return partial(signed_in, browser, live_server)


def field(page, path):
    return page.locator(f'[name="value:{path}"]')


def edit_cell(page, path):
    if page.locator("#drawer.drawer-closed").count():
        page.locator("[data-drawer=open]").first.click()
    field(page, path).focus()


def saved(page):
    expect(page.locator("#state")).to_contain_text("Saved")


def test_ten_documents_are_reviewed_without_a_mouse(open_as, transactional_db):
    alice = make_person("Alice", team=make_team())
    bills = [make_bill(alice, data=DATA | {"number": f"INV-{number}"}) for number in range(DOCUMENTS)]
    page = open_as(alice)
    page.add_init_script(NO_MOUSE)
    page.goto(reverse("extractions:review_queue"))

    page.keyboard.press("Enter")  # the cursor is on "Review next"
    for _number in range(DOCUMENTS):
        expect(field(page, "due_date")).to_be_focused()
        # Letters that are commands on a row are text in a field.
        page.keyboard.type("17 dec 2026 jnr")
        page.keyboard.press("Escape")
        expect(field(page, "due_date")).to_have_value("2026-12-17")
        page.keyboard.press("Enter")
        expect(page.locator("#approve")).to_be_focused()
        saved(page)
        address = page.url
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda url, address=address: url != address)

    expect(page.get_by_text("All done. You reviewed 10 documents")).to_be_visible()
    assert Extraction.objects.filter(review_state="approved", approved_by=alice).count() == len(bills)
    assert page.errors == []


def test_a_row_takes_letters_and_undo_steps_back_after_a_reload(open_as, transactional_db):
    alice = make_person("Alice", team=make_team())
    bill = make_bill(alice, page_count=2)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[bill.key]))
    expect(field(page, "due_date")).to_be_focused()
    dot = page.locator(".rail-dot")
    expect(dot).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("F8")  # the only one that asks
    expect(field(page, "due_date")).to_be_focused()

    page.keyboard.press("Escape")
    page.keyboard.press("n")
    saved(page)
    expect(dot).to_have_count(0)
    assert value_of(bill, "due_date").answer == "absent"
    field(page, "total").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("soon")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“soon” is not a number.").first).to_be_visible()
    expect(field(page, "total")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("1 248,48")
    page.keyboard.press("Tab")
    saved(page)
    page.reload()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(field(page, "total")).to_have_value("1,284.48")
    page.keyboard.press("Control+z")
    expect(field(page, "due_date")).to_have_value("2026-12-17")
    saved(page)
    assert value_of(bill, "due_date").answer == ""
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys of this screen")).to_be_visible()
    assert page.errors == []


def test_what_blocks_an_approval_is_said_and_may_be_overridden(open_as, transactional_db):
    alice = make_person("Alice", team=make_team())
    bill = make_bill(alice)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[bill.key]))
    expect(field(page, "due_date")).to_be_focused()
    field(page, "total").focus()

    page.keyboard.press("Control+Enter")
    expect(page.locator("#state")).to_contain_text("Not approved yet: answer what is marked")
    expect(field(page, "due_date")).to_be_focused()
    field(page, "total").focus()
    page.locator("#why").click()
    expect(field(page, "due_date")).to_be_focused()
    page.get_by_role("link", name="Approve all the same…").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("The date is not on the page.")
    page.get_by_role("button", name="Approve all the same").click()

    expect(page.get_by_text("is approved.")).to_be_visible()
    bill.refresh_from_db()
    assert (bill.review_state, bill.override_reason) == ("approved", "The date is not on the page.")
    assert page.errors == []


def test_a_confirmed_value_whose_rule_stays_broken_is_reported(open_as, transactional_db):
    alice = make_person("Alice", team=make_team())
    bill = make_bill(alice, evidence={})
    edits.set_value(bill, "lines[0].amount", 1000, alice)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[bill.key]))
    field(page, "total").focus()

    page.keyboard.press("Enter")

    expect(page.locator("#state")).to_contain_text("Total still breaks a rule")
    page.locator(".grid-head h2").click()
    expect(page.locator("#drawer.drawer-closed")).to_have_count(0)
    field(page, "lines[0].amount").fill("1200")
    page.keyboard.press("Enter")
    expect(page.locator("#why")).to_be_hidden()
    assert page.errors == []


def test_two_people_merge_and_the_same_field_asks(open_as, transactional_db):
    team = make_team()
    alice, bob = make_person("Alice", team=team), make_person("Bob", team=team)
    bill = make_bill(alice)
    hers, his = open_as(alice), open_as(bob)
    address = reverse("extractions:review", args=[bill.key])
    hers.goto(address)
    his.goto(address)
    expect(his.get_by_text("Alice opened this at")).to_be_visible()

    for page, path, text in ((hers, "number", "A-1"), (his, "supplier.name", "Moulin"), (his, "total", "7.00")):
        field(page, path).fill(text)
        field(page, path).press("Enter")
        saved(page)
    field(hers, "total").fill("9.00")
    field(hers, "total").press("Enter")

    expect(hers.get_by_text("Bob changed Total to 7.00 while you typed 9.00.")).to_be_visible()
    assert current(value_of(bill, "total")) == 7
    hers.get_by_role("button", name="Keep 9.00").click()
    saved(hers)
    expect(field(hers, "supplier.name")).to_have_value("Moulin")
    assert [current(value_of(bill, path)) for path in ("number", "supplier.name", "total")] == ["A-1", "Moulin", 9]
    assert [change.author for change in bill.changes.filter(path="total")] == [bob, alice]
    assert hers.errors == his.errors == []


def test_what_cannot_be_saved_is_kept_and_tried_again(open_as, transactional_db):
    alice = make_person("Alice", team=make_team())
    bill = make_bill(alice)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[bill.key]))
    page.route("**/value/", lambda route: route.abort("connectionreset"))

    field(page, "total").fill("5.00")
    field(page, "total").press("Tab")
    expect(page.locator("#state")).to_contain_text("Not saved: no connection")
    page.unroute("**/value/")

    saved(page)
    assert current(value_of(bill, "total")) == 5


def test_cells_are_pasted_from_a_spreadsheet_and_rows_come_as_needed(open_as, transactional_db):
    alice = make_person("Alice", team=make_team())
    bill = make_bill(alice)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[bill.key]))
    edit_cell(page, "lines[1].label")

    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "Screws\\t4\\t1,50\\nNails\\t5\\t2,00");
          const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(paste);
        }"""
    )

    expect(field(page, "lines[2].amount")).to_have_value("2.00")
    assert [current(value_of(bill, f"lines[{row}].amount")) for row in (1, 2)] == [1.5, 2]
    assert page.errors == []


def test_an_approved_document_is_read_with_the_keys_and_nothing_changes(open_as, transactional_db):
    alice = make_person("Alice", team=make_team())
    bill = make_bill(alice, evidence={})
    review_queue.approve(bill, alice)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[bill.key]))

    expect(page.locator("[data-row]").first).to_be_focused()
    for key in ("ArrowDown", "n", "i", "Enter", "Control+Enter", "Control+z"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    page.keyboard.press("?")

    expect(page.get_by_role("heading", name="Keys of this screen")).to_be_visible()
    assert not bill.changes.exists()
    assert Extraction.objects.get(pk=bill.pk).review_state == "approved"
    assert page.errors == []


def test_keys_are_those_that_a_french_keyboard_writes(open_as, transactional_db):
    """On AZERTY digits and the question mark take Shift, and A, Z, Q and W lie elsewhere: what is written counts."""
    alice = make_person("Alice", team=make_team())
    bill = make_bill(alice)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[bill.key]))
    expect(field(page, "due_date")).to_be_focused()

    def press(key, code, **more):
        page.evaluate(
            "([key, code, more]) => document.activeElement.dispatchEvent("
            "new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...more }))",
            [key, code, more],
        )

    page.keyboard.press("Escape")
    press("n", "KeyN")
    saved(page)
    press("z", "KeyW", ctrlKey=True)
    expect(field(page, "due_date")).to_have_value("2026-12-17")
    saved(page)
    assert value_of(bill, "due_date").answer == ""
    page.locator("[data-row]").first.focus()
    press("?", "KeyM", shiftKey=True)
    expect(page.get_by_role("heading", name="Keys of this screen")).to_be_visible()
    assert page.errors == []


def test_the_keys_lead_along_a_column_and_out_of_a_comment(open_as, transactional_db):
    alice = make_person("Alice", team=make_team())
    bill = make_bill(alice, evidence={"lines[0].amount": "fuzzy"})
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[bill.key]))
    expect(field(page, "lines[0].amount")).to_be_focused()
    above, below = (page.locator("[data-row]", has=field(page, f"lines[{row}].amount")) for row in (0, 1))

    page.keyboard.press("Escape")
    expect(above).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(below).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("Called them")
    page.keyboard.press("Escape")
    expect(below).to_be_focused()
    page.keyboard.press("Home")
    expect(above).to_be_focused()
    assert page.errors == []
