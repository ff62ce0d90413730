"""Rows taken out, added and pasted, in a real browser: what stays shows its own proof, there and on the page."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from extractions.models import Extraction
from extractions.result.leaves import leaves
from tests.browser.test_review import edit_cell, field, saved, signed_in
from tests.factories import make_person, make_schema, make_team
from tests.review.making import BILL, DATA, make_bill, value_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
GROUPS = {
    "type": "array",
    "title": "Deliveries",
    "items": {
        "type": "object",
        "properties": {
            "place": {"type": "string", "title": "Place"},
            "tags": {"type": "array", "title": "Tags", "items": {"type": "string"}},
            "goods": {
                "type": "array",
                "title": "Goods",
                "items": {"type": "object", "properties": {"name": {"type": "string", "title": "Name"}}},
            },
        },
    },
}
DELIVERIES = [
    {"place": "Brest", "tags": ["fragile"], "goods": [{"name": "Glass"}, {"name": "China"}]},
    {"place": "Lyon", "tags": [], "goods": [{"name": "Silk"}]},
    {"place": "Lille", "tags": ["cold", "heavy"], "goods": [{"name": "Fish"}, {"name": "Coal"}]},
]


def look(page, name):
    """A picture for whoever wants to see it."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def bill(transactional_db):
    """Each value has a place of its own on the page."""
    schema = {**BILL, "properties": BILL["properties"] | {"deliveries": GROUPS}}
    alice = make_person("Alice", team=make_team())
    bill = make_bill(alice, data=DATA | {"deliveries": DELIVERIES}, schema=make_schema("Deliveries", schema=schema))
    for number, leaf in enumerate(leaves(bill.extracted_data)):
        top = 0.05 + 0.03 * number
        bill.values.filter(path=leaf.path).update(boxes=[[0.1, top, 0.4, top + 0.02]])
    return bill


@pytest.fixture
def page(browser, live_server, bill):
    page = signed_in(browser, live_server, bill.owner)
    page.goto(reverse("extractions:review", args=[bill.key]))
    yield page
    assert page.errors == []
    page.context.close()


def grid(page, path):
    return page.locator(f'[data-grid="{path}"]')


def lit(page):
    """The height of the box that is lit on the page, in hundredths of it."""
    box = page.locator(".places a.current rect").first
    height = float(page.locator(".sheet").first.get_attribute("data-height"))
    return round(100 * float(box.get_attribute("y")) / height)


def undo(page):
    """By the list of every action, which works wherever the cursor is."""
    page.keyboard.press("Control+k")
    page.locator("#actions-dialog [data-action=undo]").click()


def top_of(bill, path):
    return round(100 * (value_of(bill, path).boxes[0][1]))


def test_the_row_that_stays_shows_its_own_proof(page, bill):
    edit_cell(page, "lines[1].amount")
    field(page, "lines[1].amount").fill("90")
    field(page, "lines[1].amount").press("Enter")
    saved(page)

    grid(page, "lines").locator("[data-grid-do=remove]").first.click()

    expect(grid(page, "lines").locator("[data-line]")).to_have_count(1)
    expect(field(page, "lines[0].amount")).to_have_count(0)
    expect(field(page, "lines[1].label")).to_have_value("Work")
    expect(page.locator('.places [data-path="lines[0].label"]')).to_be_hidden()
    edit_cell(page, "lines[1].label")
    page.wait_for_timeout(300)
    assert abs(lit(page) - top_of(bill, "lines[1].label")) <= 1
    look(page, "removed")

    page.goto(bill.get_absolute_url())
    cell = page.locator('td[data-path="lines[1].amount"]')
    expect(cell).to_contain_text("90.00 was 84.48")
    expect(page.locator('.places [data-path="lines[1].amount"]')).to_have_count(1)
    expect(page.locator('.places [data-path="lines[0].amount"]')).to_have_count(0)
    look(page, "page")


def test_a_row_comes_back_with_its_place_and_lists_within_rows_are_tables(page, bill):
    page.locator("[data-drawer=open]").first.click()
    expect(grid(page, "deliveries[2].goods").locator("[data-line]")).to_have_count(2)

    grid(page, "deliveries").locator("[data-grid-do=remove]").nth(1).click()
    expect(grid(page, "deliveries[1].goods")).to_have_count(0)
    expect(grid(page, "deliveries[2].goods").locator("h2")).to_have_text("Deliveries › 2 › Goods")
    grid(page, "deliveries[2].tags").locator("[data-grid-do=add]").click()
    expect(field(page, "deliveries[2].tags[2]")).to_be_focused()
    page.keyboard.type("late")
    page.keyboard.press("Enter")
    saved(page)
    grid(page, "deliveries[2].goods").scroll_into_view_if_needed()
    look(page, "nested")

    for _time in range(3):
        undo(page)
        saved(page)

    expect(grid(page, "deliveries[1].goods").locator("[data-line]")).to_have_count(1)
    edit_cell(page, "deliveries[1].place")
    page.wait_for_timeout(300)
    assert abs(lit(page) - top_of(bill, "deliveries[1].place")) <= 1
    row = Extraction.objects.get(pk=bill.pk)
    assert row.row_edits == {"added": {"deliveries[2].tags": 1}, "removed": ["deliveries[2].tags[2]"]}


def test_many_cells_are_pasted_at_once_and_the_screen_says_so(page, bill):
    edit_cell(page, "lines[0].label")
    sent = []
    page.on(
        "request", lambda request: sent.append(request) if request.method == "POST" and "value" in request.url else None
    )

    page.evaluate(
        """() => {
          window.told = [];
          new MutationObserver(() => window.told.push(document.querySelector("#state span").textContent))
            .observe(document.getElementById("state"), { childList: true, subtree: true, characterData: true });
          const lines = Array.from({ length: 300 }, (_, n) => `Article ${n}\\t2\\t1.50`).join("\\n");
          const data = new DataTransfer();
          data.setData("text/plain", lines);
          const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(paste);
        }"""
    )

    expect(grid(page, "lines").locator("[data-line]")).to_have_count(300)
    saved(page)
    assert len(sent) == 1
    assert any(re.match("Pasting 900 cells", words) for words in page.evaluate("told"))
    undo(page)
    expect(grid(page, "lines").locator("[data-line]")).to_have_count(2)
