"""`python -m tests.browser.screenshots FOLDER`: pictures of every page, at three widths, light and dark.

With `--readme` only the one that the README shows, into its place.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.browser.conftest import SWITCHES
from tests.browser.people import claim, new_context, open_upload_page, try_sample, wait_until_finished
from tests.running import ROOT, RunningPortal

WIDTHS = {1440: 900, 1024: 768, 390: 844}
PAGES = {
    "dashboard": "/",
    "list": "/extractions/",
    "upload": "/extractions/new/",
    "schemas": "/schemas/",
    "classifiers": "/classifiers/",
    "team": "/team/",
    "admin": "/admin/extractions/extraction/",
}
SAMPLES = ("invoice", "scan", "receipt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "static" / "readme")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--documents", nargs="*", type=Path, default=[], help="more documents to send with the form")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        portal = RunningPortal(Path(data))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        try:
            context = new_context(browser)
            page = context.new_page()
            claim(page, portal)
            if options.readme:
                try_sample(page, portal, 0)
                wait_until_finished(page)
                while page.locator(".banner").count():  # the engine has read the document, and is about to say so
                    page.wait_for_timeout(1000)
                    page.reload()
                page.wait_for_timeout(500)
                page.screenshot(path=options.folder / "result.png")
            else:
                picture_everything(context, page, portal, options.folder, options.documents)
        finally:
            browser.close()
            portal.stop()


def picture_everything(
    context: BrowserContext, page: Page, portal: RunningPortal, folder: Path, documents: list[Path]
) -> None:
    addresses = dict(PAGES)
    picture(page, folder / "empty-dashboard", portal.root)
    for number, name in enumerate(SAMPLES):
        try_sample(page, portal, number)
        page.wait_for_timeout(1500)
        page.screenshot(path=folder / f"running-{name}.png")
        wait_until_finished(page)
        addresses[f"result-{name}"] = page.url.removeprefix(portal.root)
    if documents:
        send(page, portal, folder, documents)
    for tab in ("tables", "pictures", "text", "json", "history"):
        addresses[f"result-{tab}"] = f"{addresses['result-invoice'].split('?')[0]}?tab={tab}"
    for name, address in addresses.items():
        picture(page, folder / name, portal.root + address)
    context.clear_cookies()
    picture(page, folder / "login", f"{portal.root}/accounts/login/")


def send(page: Page, portal: RunningPortal, folder: Path, documents: list[Path]) -> None:
    open_upload_page(page, portal)
    page.get_by_label("Schema", exact=True).select_option(label="Invoice")
    page.set_input_files("input[type=file]", documents)
    page.wait_for_timeout(1000)
    page.screenshot(path=folder / "picked.png", full_page=True)
    page.locator("button[type=submit]", has_text="Extract").first.click()
    for seconds in (2, 10, 30):
        page.wait_for_timeout(seconds * 1000)
        page.screenshot(path=folder / f"sent-{seconds}.png", full_page=True)


def picture(page: Page, path: Path, address: str) -> None:
    page.goto(address)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(250)
            page.screenshot(path=path.with_name(f"{path.name}-{scheme}-{width}.png"))
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})


if __name__ == "__main__":
    main()
