"""Typing into the review screen, and waiting for what comes of it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.test_review import field
from tests.review.screens import address

PAUSE = 1500  # milliseconds: keys count again by then, and what was left is offered
KEPT = "Object.keys(localStorage).filter(name => name.startsWith('kept:'))"


def opened(page, bill):
    page.goto(address(bill))
    expect(page.locator("body.review-live")).to_be_attached()
    page.wait_for_timeout(PAUSE)
    return page


def type_into(page, path, text):
    field(page, path).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def eventually(ask, wanted, page):
    for _attempt in range(100):
        if ask() == wanted:
            return
        page.wait_for_timeout(100)
    assert ask() == wanted, "did not happen in time"
