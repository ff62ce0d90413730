"""Column review as a person does it: eyes on the crop, one hand on Enter."""

import re

import pytest
from playwright.sync_api import expect

from extractions.models import Value
from tests.browser.test_viewer import open_as
from tests.extractions.test_column import URL, totals_of, waiting_documents
from tests.factories import make_schema

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COUNT = 50


def test_fifty_totals_take_fifty_enters(live_server, browser, client, alice):
    schema = make_schema()
    waiting_documents(alice, schema, [100.5 + number for number in range(COUNT)])
    page = open_as(alice, client, browser, live_server, URL)

    expect(page.locator("[data-row]")).to_have_count(COUNT)
    for number in range(COUNT):
        if number == 7:
            page.keyboard.type("77.25")
        page.keyboard.press("Enter")

    expect(page.locator("[data-count]")).to_have_text(f"{COUNT} of {COUNT} confirmed")
    expect(page.get_by_role("link", name="Look again")).to_be_focused()
    assert totals_of(schema, alice) == []
    corrected = Value.objects.filter(path="total", corrected=True).values_list("typed", flat=True)
    assert list(corrected) == [77.25]
    page.context.close()


def test_what_is_not_a_number_waits_in_its_row_and_escape_brings_the_old_value_back(
    live_server, browser, client, alice
):
    schema = make_schema()
    waiting_documents(alice, schema, [10.5, 20.5, 30.5])
    page = open_as(alice, client, browser, live_server, URL)

    page.keyboard.type("a lot")
    page.keyboard.press("Enter")
    first = page.locator("[data-row]").first
    expect(first.locator("[data-said]")).to_have_text(re.compile("not a number"))
    expect(page.locator("[data-row] input[name=text]").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(first.locator("input[name=text]")).to_be_focused()
    page.keyboard.press("Escape")

    expect(first.locator("input[name=text]")).to_have_value("10.50")
    page.context.close()
