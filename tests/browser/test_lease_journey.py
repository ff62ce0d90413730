"""A team has a schema proposed from three examples of its own, tries it on them, and publishes it.

The embedded engine reads, the pages are drawn by us. JOURNEY_PICTURES names a folder for a picture of each station.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import claim, new_context, open_upload_page
from tests.documents.leases import FACTS, leases

pytestmark = [pytest.mark.browser, pytest.mark.long]
WANTED = ("Lease No.", "Landlord", "Tenant", "Start of the lease", "Monthly rent", "Deposit", "Furnished")


@pytest.fixture(scope="module")
def page(browser, portal):
    context = new_context(browser)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    claim(page, portal)
    open_upload_page(page, portal)  # the engine is ready then
    yield page
    context.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("leases")
    paths = [folder / f"lease-{number}.pdf" for number in range(1, 4)]
    for path, content in zip(paths, leases(3), strict=True):
        path.write_bytes(content)
    return paths


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("JOURNEY_PICTURES"):
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def row_of(page: Page, title: str):
    return page.locator(".proposed", has=page.locator(f'.proposed-what > input[value="{title}"]'))


def test_fields_are_proposed_from_three_examples(page, portal, files):
    page.goto(f"{portal.root}/schemas/new/")
    picture(page, "1-start")
    page.get_by_role("link", name="Choose examples").click()
    page.set_input_files("input[name=files]", files[:3])
    picture(page, "2-examples")
    page.get_by_role("button", name="Propose fields").click()
    expect(page.get_by_role("button", name="Go on in the editor")).to_be_visible()

    for title in WANTED:
        expect(row_of(page, title).locator("[name=take]")).to_be_checked()
    expect(row_of(page, "Parking space").locator("[name=take]")).not_to_be_checked()
    expect(row_of(page, "Monthly rent")).to_contain_text("1,250.00 GBP")
    expect(page.locator(".proposal-sheet img").first).to_be_visible()
    row_of(page, "Monthly rent").hover()
    expect(page.locator("rect.current").first).to_be_visible()
    picture(page, "3-proposed")


def test_the_ticked_ones_go_on_into_the_editor(page):
    row_of(page, "Notice period").locator("[name=take]").uncheck()
    row_of(page, "Deposit").locator(".proposed-what > input").fill("Security deposit")
    page.get_by_role("button", name="Go on in the editor").click()

    expect(page.get_by_label("Name", exact=True).first).to_have_value("Lease contract")
    names = [box.input_value() for box in page.locator("input[name^=name-]").all()]
    assert {"monthly_rent", "security_deposit", "tenant"} <= set(names)
    assert "notice_period" not in names
    expect(page.locator(".finding-blocks")).to_have_count(0)
    picture(page, "4-editor")


def test_the_draft_is_tried_on_the_examples(page):
    page.get_by_role("button", name="Try it…").click()
    for box in page.locator("input[name=number]").all():
        box.check()
    page.get_by_role("button", name="Try it", exact=True).click()
    expect(page.get_by_text(re.compile("3 of 3 documents were read differently"))).to_be_visible()

    for facts in FACTS[:3]:
        expect(page.locator("ins", has_text=facts["Tenant"]).first).to_be_visible()
    picture(page, "5-tried")


def test_it_is_published(page):
    page.get_by_role("link", name="Back to the draft").click()
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("It can be chosen on the upload page.")).to_be_visible()
    picture(page, "6-published")

    assert page.problems == []
