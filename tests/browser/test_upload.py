"""The upload page in a real browser: many files at once, other tabs and browsers, the keyboard, and what one file has
of its own. No worker runs; a document moves on when a test says so."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from extractions.models import Extraction, Preset
from tests.browser.test_review import NO_MOUSE, signed_in
from tests.documents import make
from tests.factories import make_connection, make_schema, pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
UPLOAD = "/extractions/new/"
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
NOTES_WHAT_IS_TOLD = """
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, options) { document.body.dataset.told = (document.body.dataset.told ?? "") + options.body; }
};
"""


COUNTS_UPLOADS = """
window.uploads = { now: 0, most: 0, all: 0 };
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
  if (body instanceof FormData && body.has("document")) {
    uploads.all += 1;
    uploads.most = Math.max(uploads.most, (uploads.now += 1));
    this.addEventListener("readystatechange", () => this.readyState === 4 && (uploads.now -= 1));
  }
  return send.call(this, body);
};
"""


@pytest.fixture
def page(browser, live_server, alice, transactional_db, settings):
    settings.UPLOAD_MAX_PAGES = 9
    make_connection(schemas_refreshed_at=timezone.now())
    page = signed_in(browser, live_server, alice)
    page.goto(UPLOAD)
    yield page
    page.context.close()
    assert not page.errors


def file(name, content):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def row(page, name):
    return page.locator(".file", has_text=name)


def ready(page, name):
    expect(row(page, name)).to_have_attribute("data-state", "ready")


def extract(page, count):
    word = "Extract 1 document" if count == 1 else f"Extract {count} documents"
    page.get_by_role("button", name=word).click()
    expect(page.locator("#sent .row-link").nth(min(count, 12) - 1)).to_be_visible()


@contextmanager
def polls_of(page):
    """The questions after news that are asked meanwhile."""
    asked = []

    def note(request):
        if "?sent=" in request.url and "hx-request" in request.headers:
            asked.append(request)

    page.on("request", note)
    yield asked
    page.remove_listener("request", note)


def move_on(**changes):
    with transaction.atomic():
        Extraction.objects.update(state_changed_at=timezone.now(), **changes)


def test_of_twelve_files_the_bad_ones_say_why_and_the_others_go(page, tmp_path):
    good = [file(f"good-{number}.pdf", pdf(1, f"Good {number}")) for number in range(7)]
    bad = [make.locked_pdf, make.docx_named_pdf, make.empty_pdf, make.damaged_pdf]
    bad_files = [file(path.name, path.read_bytes()) for path in (item(tmp_path) for item in bad)]
    page.set_input_files("#id_document", [*good[:3], *bad_files, file("long.pdf", pdf(10, "Too long")), *good[3:]])

    extract(page, 7)

    sentences = ("password", "files are not accepted", "empty", "cannot open it", "10 pages; the limit is 9")
    for sentence in sentences:
        expect(page.get_by_role("alert").filter(has_text=re.compile(sentence, re.IGNORECASE))).to_be_visible()
    expect(page.locator(".file")).to_have_count(len(sentences))
    expect(page.locator("#sent .row-link")).to_have_count(7)
    assert Extraction.objects.count() == 7


def test_many_files_go_three_at_a_time(page):
    count = 40
    page.add_init_script(COUNTS_UPLOADS)
    page.reload()
    page.set_input_files("#id_document", [file(f"{number}.pdf", pdf(1, f"Number {number}")) for number in range(count)])

    expect(page.get_by_role("button", name=f"Extract {count} documents")).to_be_enabled()
    expect(page.locator('.file[data-state="ready"]')).to_have_count(count)

    assert page.evaluate("window.uploads") == {"now": 0, "most": 3, "all": count}


def test_a_file_chosen_before_the_scripts_are_there_is_taken(page):
    held = []
    page.route(re.compile(r"/static/upload(\.[0-9a-f]+)?\.js"), lambda route: held.append(route))
    page.reload(wait_until="commit")

    page.set_input_files("#id_document", [file("early.pdf", pdf())])
    while not held:
        page.wait_for_timeout(50)
    for route in held:
        route.continue_()

    ready(page, "early.pdf")


def test_what_the_server_does_not_take_can_be_tried_again(page):
    answers = [413, 500]
    page.route("**/new/files/", lambda route: route.fulfill(status=answers.pop()) if answers else route.continue_())
    page.set_input_files("#id_document", [file("refused.pdf", pdf())])

    expect(row(page, "refused.pdf")).to_contain_text("Nothing was charged. Try again.")
    row(page, "refused.pdf").get_by_role("button", name="Try again").click()
    expect(row(page, "refused.pdf")).to_have_attribute("data-state", "refused")

    page.set_input_files("#id_document", [file("taken.pdf", pdf())])
    ready(page, "taken.pdf")


def test_a_second_browser_and_a_reload_show_the_same(page, browser, live_server, alice):
    page.set_input_files("#id_document", [file("shared.pdf", pdf())])
    extract(page, 1)
    other = signed_in(browser, live_server, alice)
    other.goto(page.url)
    expect(other.locator(".sent-row", has_text="shared.pdf")).to_be_visible()

    move_on(state="RUNNING", extraction_step="IMAGES", status="IN_PROGRESS")
    page.reload()

    for item in (page, other):
        expect(item.locator("[aria-current=step]", has_text="image")).to_be_visible()
    move_on(state="EXTRACTED", status="FINISHED", evidence_due_at=None)
    for item in (page, other):
        expect(item.locator(".sent-row", has_text="Finished")).to_be_visible()
        expect(item.locator("#sent[data-live]")).to_have_count(0)
    other.context.close()


def test_a_hidden_tab_asks_nothing_and_catches_up(page):
    page.clock.install()
    page.set_input_files("#id_document", [file("hidden.pdf", pdf())])
    page.clock.resume()
    extract(page, 1)
    page.evaluate(HIDE, True)
    page.wait_for_load_state("networkidle")

    with polls_of(page) as asked:
        page.clock.fast_forward(120_000)
    move_on(state="EXTRACTED", status="FINISHED", evidence_due_at=None)
    page.evaluate(HIDE, False)

    expect(page.locator(".sent-row", has_text="Finished")).to_be_visible()
    assert not asked


def test_who_asked_for_it_is_told_in_a_hidden_tab(page):
    page.add_init_script(NOTES_WHAT_IS_TOLD)
    page.clock.install()
    page.reload()
    page.clock.resume()
    page.set_input_files("#id_document", [file("told.pdf", pdf())])
    extract(page, 1)
    page.get_by_role("button", name="Tell me when they are done").click()
    expect(page.get_by_role("button", name="We tell you when all are done.")).to_be_disabled()

    page.evaluate(HIDE, True)
    move_on(state="EXTRACTED", status="FINISHED", evidence_due_at=None)
    page.clock.fast_forward(60_000)

    expect(page.locator("body")).to_have_attribute("data-told", "All documents are done.")


def test_a_preset_fills_in_all_that_it_knows(page, alice):
    schema = make_schema("Delivery note")
    options = {
        "schema": schema,
        "connection": schema.connection,
        "server": "EU-1",
        "pdf_page_end": 2,
        "metadata": {"cost centre": "7", "project": "K"},
    }
    Preset.objects.create(owner=alice, name="Notes", **options)
    page.reload()

    page.get_by_label("Preset", exact=True).select_option("Notes")
    expect(page.locator("#metadata .metadata-row")).to_have_count(2)
    expect(page.locator("#upload-folded .chip")).to_have_text(["Up to page 2", "cost centre: 7", "project: K"])
    page.reload()
    expect(page.get_by_label("Preset", exact=True)).to_have_value(re.compile(r"\d"))
    expect(page.locator("#upload-folded .chip")).to_have_count(3)
    page.set_input_files("#id_document", [file("note.pdf", pdf(3))])
    extract(page, 1)

    sent = Extraction.objects.get()
    assert {name: getattr(sent, name) for name in options} == options
    page.get_by_label("Schema", exact=True).select_option("")
    expect(page.get_by_label("Preset", exact=True)).to_have_value("")


def test_what_is_folded_away_can_be_taken_out(page, alice):
    schema = make_schema("Delivery note")
    options = {"connection": schema.connection, "pdf_page_start": 2, "metadata": {"project": "K", "floor": "3"}}
    Preset.objects.create(owner=alice, name="Notes", server="EU-1", schema=schema, **options)
    page.reload()
    page.get_by_label("Preset", exact=True).select_option("Notes")

    page.get_by_role("button", name="Remove project: K").click()
    page.get_by_role("button", name="Remove From page 2").click()

    expect(page.locator("#upload-folded .chip")).to_have_text(["floor: 3"])
    expect(page.get_by_label("Preset", exact=True)).to_have_value("")
    page.get_by_text("More: pages, metadata").click()
    expect(page.locator("#upload-folded")).to_be_hidden()
    expect(page.get_by_label("First page")).to_have_value("")


def test_everything_is_done_with_the_keyboard(page, tmp_path):
    # Someone listens before the page is loaded again: Playwright tells the browser to hand over its file dialog without
    # waiting for an answer, and a dialog that opens too soon is closed by the headless browser, as if by Esc.
    page.on("filechooser", lambda chooser: None)
    page.add_init_script(NO_MOUSE)
    page.reload()
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "inside.pdf").write_bytes(pdf(1, "In the folder"))
    (tmp_path / "scans" / ".hidden.pdf").write_bytes(pdf(1, "Not to be sent"))
    reached = partial(page.evaluate, "document.activeElement.id")

    for place, chosen in (("id_document", [file("picked.pdf", pdf(2, "Picked"))]), ("folder", tmp_path / "scans")):
        for _ in range(40):
            if reached() == place:
                break
            page.keyboard.press("Tab")
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Enter")
        chooser.value.set_files(chosen)
    ready(page, "picked.pdf")
    ready(page, "inside.pdf")
    page.get_by_role("button", name="Remove picked.pdf").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".file")).to_have_count(1)
    page.keyboard.press("Control+Enter")

    expect(page.locator("#sent .row-link")).to_have_text(["inside.pdf"])


def test_one_file_has_metadata_of_its_own(page):
    page.set_input_files("#id_document", [file("own.pdf", pdf(9, "Own")), file("plain.pdf", pdf(1, "Plain"))])
    ready(page, "own.pdf")
    row(page, "own.pdf").get_by_role("button", name="Pages and options").click()
    own = row(page, "own.pdf")
    own.get_by_label("Name 1").fill("cost centre")
    own.get_by_label("Value 1").fill("42")
    own.get_by_role("button", name="Add a row").click()
    own.get_by_label("Name 2").fill("wrong")
    own.get_by_role("button", name="Remove this row").nth(1).click()
    expect(own).to_contain_text("with options of its own")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    extract(page, 2)

    found = dict(Extraction.objects.values_list("name", "metadata"))
    assert found == {"own.pdf": {"cost centre": "42"}, "plain.pdf": {}}
