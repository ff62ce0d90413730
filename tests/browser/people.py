"""What a person does with the portal, for tests and pictures."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.running import RunningPortal

PASSWORD = "quiet paper lantern"
PATIENCE = 120_000
"""Milliseconds after which something will not happen any more: other work goes on beside, and models are loaded."""
SCREEN = {"width": 1440, "height": 900}


def new_context(browser: Browser, **options) -> BrowserContext:
    """One that waits as long as a busy machine may take; `options` are those of `Browser.new_context`."""
    context = browser.new_context(**{"viewport": SCREEN} | options)
    context.set_default_timeout(PATIENCE)
    return context


def claim(page: Page, portal: RunningPortal) -> None:
    """Come by the printed link and become the first administrator."""
    page.goto(portal.address)
    page.get_by_label("Your name").fill("Ada Founder")
    page.get_by_label("E-mail address").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Team").fill("Accounts")
    page.get_by_role("button", name="Make account and team").click()
    page.wait_for_url("**/extractions/new/")


def open_upload_page(page: Page, portal: RunningPortal) -> None:
    """The page for new documents, once the engine has told its schemas."""
    page.goto(f"{portal.root}/extractions/new/")
    schema = page.get_by_label("Schema", exact=True)
    for _ in range(60):
        if schema.locator("option", has_text="Invoice").count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("the schemas never came")


def try_sample(page: Page, portal: RunningPortal, number: int) -> None:
    open_upload_page(page, portal)
    page.get_by_role("button", name="Try it").nth(number).click()
    page.wait_for_url(re.compile(r"/extractions/[0-9a-f-]{36}/"))


def wait_until_finished(page: Page) -> None:
    """The page says so by itself, with its pages drawn and its values looked for."""
    expect(page.locator("#progress[hx-get]")).to_have_count(0)
    expect(page.locator("#result [data-live]")).to_have_count(0)
    expect(page.locator("#result-badge", has_text=re.compile("Waits for|Finished"))).to_be_visible()
    expect(page.locator(".sheet img").first).to_be_visible()
    page.wait_for_function("document.querySelector('.sheet img').naturalWidth > 500")
