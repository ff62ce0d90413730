"""The rows of the upload page, and the way between a field and its place."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import claim, new_context, open_upload_page, try_sample, wait_until_finished
from tests.documents import make
from tests.factories import pdf

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def page(browser, portal):
    page = new_context(browser).new_page()
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
    expect(row(upload_page, "setup.exe")).to_contain_text("program files are not accepted")
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

    upload_page.route(re.compile("/extractions/new/files/"), cut)
    upload_page.set_input_files("#id_document", [file("cut.pdf", pdf(1, "Cut on its way"))])
    upload_page.get_by_role("button", name="Extract 1 document").click()
    expect(row(upload_page, "cut.pdf")).to_contain_text("Sending resumes automatically")
    broken["still"] = False
    upload_page.evaluate("window.dispatchEvent(new Event('online'))")

    expect(upload_page.locator("#sent .row-link", has_text="cut.pdf")).to_have_count(1)
    upload_page.unroute(re.compile("/extractions/new/files/"))


def test_a_password_is_asked_for_in_the_row(upload_page, tmp_path):
    upload_page.set_input_files("#id_document", [make.locked_pdf(tmp_path)])
    password = upload_page.get_by_label("Password of locked.pdf")

    password.fill("open up")
    password.press("Enter")
    expect(row(upload_page, "locked.pdf")).to_contain_text("this password does not open it")
    upload_page.get_by_label("Password of locked.pdf").fill(make.PASSWORD)
    upload_page.get_by_role("button", name="Unlock").click()
    upload_page.get_by_role("button", name="Extract 1 document").click()

    expect(upload_page.locator("#sent .row-link", has_text="locked.pdf")).to_have_count(1)


def test_pages_are_chosen_with_the_keyboard_or_by_number(upload_page):
    upload_page.set_input_files("#id_document", [file("five.pdf", pdf(5, "Five pages"))])
    last = upload_page.get_by_label("Last page of five.pdf")
    last.fill("9")
    last.press("Enter")
    expect(row(upload_page, "five.pdf")).to_contain_text("the document has only 5 pages")

    last.fill("5")
    last.press("Enter")
    expect(row(upload_page, "five.pdf")).to_have_attribute("data-state", "ready")
    upload_page.get_by_role("button", name="Pages and options of five.pdf").press("Enter")
    expect(upload_page.locator(".sheet-choice img")).to_have_count(5)
    for key in ("ArrowRight", "Enter", "ArrowRight", "ArrowRight", "Enter"):
        upload_page.keyboard.press(key)

    expect(upload_page.get_by_label("First page of five.pdf")).to_have_value("2")
    expect(last).to_have_value("4")
    upload_page.wait_for_load_state("networkidle")
    upload_page.keyboard.press("Control+Enter")
    expect(upload_page.locator(".sent-row", has_text="five.pdf")).to_contain_text("3 pages")


def drop(page, script):
    """What a person drops on the heading; `script` fills the DataTransfer."""
    transfer = page.evaluate_handle(f"() => {{ const transfer = new DataTransfer(); {script}; return transfer; }}")
    page.dispatch_event("h1", "drop", {"dataTransfer": transfer})


def test_a_file_dropped_anywhere_becomes_a_row_and_can_be_removed(upload_page):
    drop(upload_page, 'transfer.items.add(new File(["%PDF-1.4"], "dropped.pdf"))')

    expect(row(upload_page, "dropped.pdf")).to_contain_text("we cannot open it as a PDF")
    row(upload_page, "dropped.pdf").get_by_role("button", name="Remove dropped.pdf").click()
    expect(row(upload_page, "dropped.pdf")).to_have_count(0)


def test_a_folder_is_walked_through(upload_page, portal):
    names = upload_page.evaluate(
        """async (url) => {
          const { filesOf } = await import(url);
          const file = (name) => ({ name, isFile: true, file: (done) => done(new File(["x"], name)) });
          const folder = (name, ...inside) => {
            const parts = [inside.slice(0, 2), inside.slice(2), []]; // a browser tells them in parts
            return { name, fullPath: `/${name}`, isDirectory: true, createReader: () => {
              let at = 0;
              return { readEntries: (done) => done(parts[Math.min(at++, 2)]) };
            } };
          };
          const found = [];
          const deep = folder("deep", file("d.pdf"));
          const top = folder("top", file("b10.pdf"), file("b9.pdf"), file(".DS_Store"), deep, file("c.pdf"));
          for await (const files of filesOf(top)) found.push(...files.map((one) => one.name));
          return found;
        }""",
        f"{portal.root}/static/upload/intake.js",
    )

    assert sorted(names) == ["b10.pdf", "b9.pdf", "c.pdf", "d.pdf"]
    assert names.index("b9.pdf") < names.index("b10.pdf")


def test_a_pasted_picture_gets_a_name_and_a_pasted_file_keeps_its_own(upload_page, tmp_path):
    picture = list(make.png(tmp_path).read_bytes())
    upload_page.evaluate(
        """(bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
          data.items.add(new File([], "pasted.pdf", { type: "application/pdf" }));
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        picture,
    )

    expect(row(upload_page, "pasted.pdf")).to_contain_text("the file is empty")
    expect(upload_page.locator(".file-name", has_text=re.compile(r"^\d{4}-\d\d-\d\d .*\.png$"))).to_have_count(1)


def test_photos_are_put_in_order_and_become_one_document(upload_page, tmp_path):
    photos = [make.png(tmp_path), make.turned_jpeg(tmp_path)]
    upload_page.set_input_files("#camera", photos)
    upload_page.get_by_role("button", name="Move Photo 2 to the front").click()
    expect(upload_page.locator(".photo")).to_have_count(2)
    upload_page.set_input_files("#camera", photos[:1])

    upload_page.get_by_role("button", name="Remove Photo 3").click()
    upload_page.get_by_role("button", name="Add as one document of 2 pages").click()

    expect(row(upload_page, "Photos")).to_contain_text("2 pages")


def test_files_lie_there_after_a_reload_and_are_sent_once(upload_page):
    upload_page.set_input_files("#id_document", [file("kept.pdf", pdf(2, "Kept over a reload"))])
    expect(row(upload_page, "kept.pdf")).to_have_attribute("data-state", "ready")

    upload_page.reload()
    upload_page.get_by_role("button", name="Extract 1 document").dblclick()

    expect(upload_page.locator("#sent .row-link", has_text="kept.pdf")).to_have_count(1)
    upload_page.reload()
    expect(upload_page.locator("#sent .row-link", has_text="kept.pdf")).to_have_count(1)


def test_the_same_file_once_more_asks_first(upload_page):
    upload_page.set_input_files("#id_document", [file("other-name.pdf", pdf(2, "Kept over a reload"))])

    expect(row(upload_page, "other-name.pdf")).to_contain_text("Same file as")
    expect(upload_page.get_by_role("button", name="Extract", exact=True)).to_be_disabled()
    row(upload_page, "other-name.pdf").get_by_role("button", name="Extract again").click()
    expect(upload_page.locator("#sent .row-link", has_text="other-name.pdf")).to_have_count(1)


def test_a_cancelled_upload_is_gone(upload_page):
    upload_page.route("**/extractions/new/files/", lambda route: None)
    upload_page.set_input_files("#id_document", [file("slow.pdf", pdf(1, "Never arrives"))])
    row(upload_page, "slow.pdf").get_by_role("button", name="Cancel slow.pdf").click()

    expect(row(upload_page, "slow.pdf")).to_have_count(0)
    upload_page.unroute("**/extractions/new/files/")
    upload_page.reload()
    expect(row(upload_page, "slow.pdf")).to_have_count(0)


def test_a_page_that_cannot_ask_says_so_and_goes_on_by_itself(upload_page):
    upload_page.set_input_files("#id_document", [file("watched.pdf", pdf(3, "Watched closely"))])
    upload_page.get_by_role("button", name="Extract 1 document").click()
    expect(upload_page.locator("#sent[data-live]")).to_have_count(1)
    upload_page.route("**/extractions/new/?sent=*", lambda route: route.abort())
    for _try in range(3):
        with upload_page.expect_event("requestfailed"):
            upload_page.evaluate("htmx.trigger('#sent', 'news')")
    expect(upload_page.locator("#live-paused")).to_be_visible()

    upload_page.unroute("**/extractions/new/?sent=*")
    upload_page.evaluate("window.dispatchEvent(new Event('online'))")

    expect(upload_page.locator("#live-paused")).to_be_hidden()
    expect(upload_page.locator(".sent-row", has_text="watched.pdf")).to_contain_text("Finished")
    expect(upload_page.locator("#sent[data-live]")).to_have_count(0)


def test_without_a_script_the_whole_way_is_plain_forms(page, portal):
    plain = new_context(page.context.browser, java_script_enabled=False, storage_state=page.context.storage_state())
    view = plain.new_page()
    view.goto(f"{portal.root}/extractions/new/")
    view.set_input_files(
        "#id_document", [file("plain.pdf", pdf(1, "Without a script")), file("notes.docx", b"PK\x03\x04")]
    )
    view.get_by_role("button", name="Extract", exact=True).click()

    expect(view.locator(".file", has_text="notes.docx")).to_contain_text("Not sent:")
    expect(view.locator("#sent .row-link", has_text="plain.pdf")).to_have_count(1)
    plain.close()


def test_a_field_lights_up_its_place_and_a_place_finds_its_field(page, portal):
    try_sample(page, portal, 0)
    wait_until_finished(page)

    page.locator(".field-row", has_text="Total").first.locator("[data-shows]").focus()
    expect(page.locator(".places a.current")).to_have_count(1)
    expect(page.locator(".place-name")).to_be_visible()

    page.get_by_role("link", name="JSON", exact=True).click()
    expect(page.locator("#json")).to_be_visible()
    place = page.locator(".places [data-path='invoice_number']")
    place.locator("rect").first.click()
    expect(page.locator(".field-row[data-path='invoice_number']")).to_have_class(re.compile("current"))
