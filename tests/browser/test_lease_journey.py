"""A team makes a schema of its own from three examples, tries it, publishes it, reads, corrects, and sees the figures.

The embedded engine reads, the pages are drawn by us. JOURNEY_PICTURES names a folder for a picture of each station.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import claim, new_context, open_upload_page, wait_until_finished
from tests.documents.leases import FACTS, leases

pytestmark = [pytest.mark.browser, pytest.mark.long]
PAUSE = 1500
"""Milliseconds after a page is opened in which keys are not taken for commands."""
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
    """Three examples, and a fourth for what comes in later."""
    folder = tmp_path_factory.mktemp("leases")
    paths = [folder / f"lease-{number}.pdf" for number in range(1, 5)]
    for path, content in zip(paths, leases(4), strict=True):
        path.write_bytes(content)
    return paths


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("JOURNEY_PICTURES"):
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def confirm_what_asks(page: Page) -> None:
    for _field in range(30):
        if not page.locator("#approve[aria-disabled]").count():
            return
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
    raise AssertionError("something still asks")


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

    page.wait_for_load_state()
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


def test_another_lease_is_read_with_it(page, files):
    page.get_by_role("link", name="Upload with it").click()
    page.set_input_files("input[type=file]", files[3])
    page.get_by_role("button", name=re.compile("^Extract")).first.click()
    page.get_by_role("link", name="lease-4.pdf").first.click()
    page.wait_for_url(re.compile(r"/extractions/[0-9a-f-]{36}/"))
    wait_until_finished(page)

    for text in ("LC-2118", "Tom Ferris", "890"):
        expect(page.locator("#result").get_by_text(text).first).to_be_visible()
    picture(page, "7-read")


def test_a_value_is_corrected_and_the_accuracy_page_moves(page, portal):
    key = re.search(r"[0-9a-f-]{36}", page.url)[0]
    page.goto(f"{portal.root}/accuracy/")
    expect(page.get_by_text("Nothing to count yet.")).to_be_visible()
    picture(page, "8-accuracy-before")

    page.goto(f"{portal.root}/review/{key}/")
    expect(page.locator("body.review-live")).to_be_attached()
    page.wait_for_timeout(PAUSE)  # keys count again by then
    tenant = page.locator('[name="value:tenant"]')
    tenant.focus()
    tenant.fill("Thomas Ferris")
    tenant.press("Enter")
    expect(page.locator("#state")).to_contain_text("Saved")
    picture(page, "9-review")
    confirm_what_asks(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: key not in url)

    page.goto(f"{portal.root}/accuracy/")
    expect(page.locator(".strip-word", has_text="right at first")).to_be_visible()
    expect(page.get_by_text("Tom Ferris").first).to_be_visible()
    picture(page, "10-accuracy-after")
    assert page.problems == []
