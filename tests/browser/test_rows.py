"""The rows of the upload page, and the way between a field and its place."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import PATIENCE, claim, open_upload_page, try_sample, wait_until_finished
from tests.documents import make
from tests.factories import pdf

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser, portal):
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    claim(page, portal)
    yield page
    page.context.close()


@pytest.fixture
def upload_page(page, portal):
    open_upload_page(page, portal)
    return page


def file(name, content):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def row(page, name):
    return page.locator(".file", has_text=name)


def test_what_the_browser_sees_itself_is_never_sent(upload_page):
    sent = []
    upload_page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)

    upload_page.set_input_files(
        "#id_document", [file("notes.docx", b"PK\x03\x04"), file("nothing.pdf", b""), file("setup.exe", b"MZ\x00")]
    )

    expect(row(upload_page, "notes.docx")).to_contain_text("Word files are not accepted. Save it as PDF.")
    expect(row(upload_page, "nothing.pdf")).to_contain_text("the file is empty (0 bytes)")
    expect(row(upload_page, "setup.exe")).to_contain_text("it is not a PDF, PNG or JPEG file")
    expect(upload_page.get_by_role("button", name="Extract", exact=True)).to_be_disabled()
    assert not sent


def test_a_broken_connection_goes_on_by_itself_and_makes_one_document(upload_page):
    broken = {"still": True}

    def cut(route):
        if route.request.method == "POST" and broken["still"]:
            # The document arrives, and the answer is lost on its way back.
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    upload_page.route("**/extractions/new/", cut)
    upload_page.set_input_files("#id_document", [file("cut.pdf", pdf(1, "Cut on its way"))])
    upload_page.get_by_role("button", name="Extract 1 document").click()
    expect(row(upload_page, "cut.pdf")).to_contain_text("The connection broke", timeout=20_000)
    broken["still"] = False

    expect(upload_page.locator("#sent .row-link", has_text="cut.pdf")).to_have_count(1, timeout=30_000)
    upload_page.unroute("**/extractions/new/")


def test_a_password_is_asked_for_in_the_row(upload_page, tmp_path):
    upload_page.set_input_files("#id_document", [make.locked_pdf(tmp_path)])
    upload_page.get_by_role("button", name="Extract 1 document").click()
    password = upload_page.get_by_label("Password of this file")

    expect(password).to_be_focused(timeout=20_000)
    password.fill("open up")
    password.press("Enter")
    expect(row(upload_page, "locked.pdf")).to_contain_text("this password does not open it", timeout=20_000)
    upload_page.get_by_label("Password of this file").fill(make.PASSWORD)
    upload_page.get_by_role("button", name="Unlock").click()

    expect(upload_page.locator("#sent .row-link", has_text="locked.pdf")).to_have_count(1, timeout=20_000)


def test_pages_outside_of_the_document_can_be_put_right_in_the_row(upload_page):
    upload_page.set_input_files("#id_document", [file("five.pdf", pdf(5, "Five pages"))])
    upload_page.get_by_label("First page").last.fill("3")
    upload_page.get_by_label("Last page").last.fill("9")
    upload_page.get_by_role("button", name="Extract 1 document").click()
    expect(row(upload_page, "five.pdf")).to_contain_text("the document has only 5 pages", timeout=20_000)

    last = row(upload_page, "five.pdf").get_by_label("Last page")
    expect(last).to_have_value("9")
    last.fill("4")
    last.press("Enter")

    expect(upload_page.locator(".sent-row", has_text="five.pdf")).to_contain_text("2 pages", timeout=20_000)


def test_a_file_dropped_anywhere_becomes_a_row(upload_page):
    data = upload_page.evaluate_handle(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["%PDF-1.4"], "dropped.pdf"));
          return transfer;
        }"""
    )

    upload_page.dispatch_event("h1", "drop", {"dataTransfer": data})

    expect(row(upload_page, "dropped.pdf")).to_contain_text("Ready")
    row(upload_page, "dropped.pdf").get_by_role("button", name="Remove dropped.pdf").click()
    expect(row(upload_page, "dropped.pdf")).to_have_count(0)


def test_a_field_lights_up_its_place_and_a_place_finds_its_field(page, portal):
    try_sample(page, portal, 0)
    wait_until_finished(page)

    page.locator(".field-row", has_text="Total").first.locator("[data-shows]").focus()
    expect(page.locator(".places a.current")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(".place-name")).to_be_visible()

    page.get_by_role("link", name="JSON", exact=True).click()
    expect(page.locator("#json")).to_be_visible()
    place = page.locator(".places [data-path='invoice_number']")
    place.locator("rect").first.click()
    expect(page.locator(".field-row[data-path='invoice_number']")).to_have_class(re.compile("current"), timeout=10_000)
