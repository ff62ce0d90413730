"""The upload page while things around it change: the session, the line, the schemas, presets, the team."""

from __future__ import annotations

import io
import re
import zipfile
from functools import partial

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from extractions.models import Budget, Connection, Extraction, Preset, SavedView
from tests.browser.test_review import signed_in
from tests.browser.test_upload import HIDE, UPLOAD, extract, file, ready, row
from tests.factories import Role, make_connection, make_extraction, make_person, make_schema, make_team, pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SLOW_LINE = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 200_000}
OPEN_LINE = SLOW_LINE | {"uploadThroughput": -1}
KEEPS_REQUESTS = """
window.requests = [];
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
  requests.push(this);
  return send.call(this, body);
};
"""
CUTS = "requests.at(-1).dispatchEvent(new ProgressEvent('error')); requests.at(-1).abort()"


@pytest.fixture
def connection(transactional_db):
    connection = make_connection()
    Connection.objects.filter(pk=connection.pk).update(schemas_refreshed_at=timezone.now())
    return connection


@pytest.fixture
def open_page(browser, live_server, connection):
    pages = []

    def open_as(person, beside=None):
        page = beside.context.new_page() if beside else signed_in(browser, live_server, person)
        pages.append(page)
        page.goto(UPLOAD)
        return page

    yield open_as
    for page in pages:
        page.context.close()


def sign_in_again(page, person):
    """As in another tab: a new session, and with it a new secret for forms."""
    fresh = signed_in(page.context.browser, type("Server", (), {"url": page.url.split("/extractions")[0]}), person)
    fresh.goto(UPLOAD)
    page.context.clear_cookies()
    page.context.add_cookies(fresh.context.cookies())
    fresh.context.close()


def come_back(page):
    page.evaluate(HIDE, True)
    page.evaluate(HIDE, False)


def test_who_signs_in_again_loses_nothing(open_page, alice):
    page = open_page(alice)
    page.set_input_files("#id_document", [file("before.pdf", pdf(1, "Before"))])
    ready(page, "before.pdf")

    Session.objects.all().delete()
    page.set_input_files("#id_document", [file("after.pdf", pdf(1, "After"))])
    expect(row(page, "after.pdf")).to_contain_text("You were signed out")
    expect(row(page, "after.pdf").get_by_role("link", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Extract 1 document").click()
    expect(row(page, "before.pdf")).to_contain_text("You were signed out")
    sign_in_again(page, alice)
    come_back(page)

    expect(page.locator("#sent .row-link")).to_have_text(["before.pdf"])
    ready(page, "after.pdf")
    assert Extraction.objects.count() == 1


def test_a_new_secret_for_forms_is_fetched_without_a_word(open_page, alice):
    page = open_page(alice)
    sign_in_again(page, alice)

    page.set_input_files("#id_document", [file("renewed.pdf", pdf())])
    extract(page, 1)

    expect(page.locator("#sent .row-link")).to_have_text(["renewed.pdf"])


def test_bytes_and_speed_are_told_and_a_cut_upload_begins_again_by_itself(open_page, alice):
    page = open_page(alice)
    page.add_init_script(KEEPS_REQUESTS)
    page.reload()
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_LINE)

    page.set_input_files("#id_document", [file("large.pdf", pdf() + b"%" * 2_000_000)])
    expect(row(page, "large.pdf")).to_contain_text(re.compile(r"kB / 2 MB · \d+ kB/s"))
    page.evaluate(CUTS)
    told = re.compile(r"The connection broke at [1-9]\d? %\. Sending resumes automatically when it is back\.")
    expect(row(page, "large.pdf")).to_contain_text(told)
    expect(row(page, "large.pdf").get_by_role("button", name="Try again")).to_be_visible()
    line.send("Network.emulateNetworkConditions", OPEN_LINE)

    ready(page, "large.pdf")
    expect(row(page, "large.pdf").get_by_role("button", name="Try again")).to_have_count(0)
    expect(page.locator(".file")).to_have_count(1)


def test_new_rows_have_their_icons_without_a_line(open_page, alice):
    page = open_page(alice)
    page.context.set_offline(True)

    page.set_input_files("#id_document", [file("notes.docx", b"PK\x03\x04"), file("waits.pdf", pdf())])

    for name in ("notes.docx", "waits.pdf"):
        box = row(page, name).locator(".file-icon use").evaluate("(use) => use.getBBox().width")
        assert box > 0, name


def test_an_office_file_is_known_by_what_is_in_it(open_page, alice):
    page = open_page(alice)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", "<w/>" * 90_000)

    page.set_input_files("#id_document", [file("letter.pdf", content.getvalue()), file("scan.pdf", b"GIF89a...")])

    expect(row(page, "letter.pdf")).to_contain_text("Word files are not accepted. Save it as PDF.")
    expect(row(page, "scan.pdf")).to_contain_text("GIF files are not accepted. Save it as PNG or JPEG.")


def test_schemas_appear_by_themselves(open_page, alice, connection):
    Connection.objects.update(schemas_refreshed_at=None)
    page = open_page(alice)
    expect(page.get_by_text("its schemas are not here yet")).to_be_visible()
    page.set_input_files("#id_document", [file("early.pdf", pdf())])
    ready(page, "early.pdf")

    make_schema("Delivery note")
    Connection.objects.update(schemas_refreshed_at=timezone.now())

    expect(page.get_by_label("Schema", exact=True).locator("option")).to_have_count(2)
    expect(page.get_by_text("its schemas are not here yet")).to_have_count(0)
    expect(row(page, "early.pdf")).to_have_attribute("data-state", "ready")
    page.get_by_label("Schema", exact=True).select_option(label="Delivery note")
    extract(page, 1)
    assert Extraction.objects.get().schema.name == "Delivery note"


def test_a_preset_saved_in_one_tab_can_be_chosen_in_the_other(open_page, alice, connection):
    schema = make_schema("Delivery note")
    page = open_page(alice)
    other = open_page(alice, beside=page)
    other.get_by_label("Schema", exact=True).select_option(label="Delivery note")
    other.locator(".upload-more summary").click()
    other.get_by_label("Name of the preset").fill("Notes")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_text("The preset “Notes” is saved.")).to_be_visible()

    come_back(page)
    page.get_by_label("Preset", exact=True).select_option("Notes")

    expect(page.get_by_label("Schema", exact=True)).to_have_value(str(schema.pk))
    assert Preset.objects.get().name == "Notes"


def test_another_team_with_a_service_of_its_own_brings_its_schemas_and_keeps_the_files(open_page, alice, connection):
    make_schema("Of the site")
    elsewhere = make_team("Warehouse")
    alice.memberships.create(team=elsewhere, role=Role.UPLOADER)
    own = make_connection(team=elsewhere, scope="team", schemas_refreshed_at=timezone.now())
    make_schema("Of the warehouse", connection=own)
    page = open_page(alice)
    page.set_input_files("#id_document", [file("kept.pdf", pdf())])
    ready(page, "kept.pdf")
    schemas = page.get_by_label("Schema", exact=True).locator("option")
    home = page.locator("#id_team").locator("option", has_not_text="Warehouse").inner_text()

    for team, offered in (("Warehouse", "Of the warehouse"), (home, "Of the site"), ("Warehouse", "Of the warehouse")):
        page.locator("#id_team").select_option(label=team)
        expect(schemas.nth(1)).to_have_text(offered)
        expect(page.locator(".file")).to_have_count(1)
    page.get_by_label("Schema", exact=True).select_option(label="Of the warehouse")
    extract(page, 1)

    sent = Extraction.objects.get()
    assert (sent.name, sent.team, sent.connection) == ("kept.pdf", elsewhere, own)


def test_the_focus_stays_where_it_is_while_rows_come_and_change(open_page, alice):
    page = open_page(alice)
    reached = partial(page.evaluate, "document.activeElement.getAttribute('aria-label')")
    page.set_input_files("#id_document", [file(f"{number}.pdf", pdf(2, f"Number {number}")) for number in range(3)])
    ready(page, "2.pdf")
    page.get_by_label("First page of 1.pdf").focus()

    page.set_input_files("#id_document", [file(f"{number}.pdf", pdf(2, f"Number {number}")) for number in range(3, 18)])
    expect(page.get_by_role("button", name="Extract 18 documents")).to_be_enabled()
    ready(page, "17.pdf")

    assert reached() == "First page of 1.pdf"
    page.keyboard.press("Tab")
    assert reached() == "Last page of 1.pdf"


def test_on_a_phone_the_options_are_one_line_until_they_are_changed(open_page, alice, connection):
    make_schema("Delivery note")
    page = open_page(alice)
    page.set_viewport_size({"width": 390, "height": 844})
    schema = page.get_by_label("Schema", exact=True)
    expect(schema).to_be_visible()
    schema.select_option(label="Delivery note")
    page.set_input_files("#id_document", [file("first.pdf", pdf())])
    extract(page, 1)

    page.reload()
    expect(schema).to_be_hidden()
    expect(page.locator("#upload-chosen")).to_contain_text("Delivery note")
    page.get_by_role("button", name="Change").click()

    expect(schema).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_view_that_a_colleague_saves_is_soon_a_tab(open_page, alice, bob):
    make_extraction(owner=alice, state="RUNNING")
    page = open_page(alice)
    page.goto("/extractions/")
    expect(page.locator("#rows .row-link")).to_have_count(1)

    view = SavedView.objects.create(owner=bob, team=bob.teams.get(), name="What Bob watches", query="show=running")

    tab = page.locator(".tabs a", has_text="What Bob watches")
    expect(tab).to_be_visible()
    tab.focus()
    view.delete()
    expect(tab).to_have_count(0)


def test_what_the_cap_refuses_stays_told_and_goes_when_it_is_raised(open_page, alice):
    budget = Budget.objects.create(team=alice.teams.get(), cap=3)
    page = open_page(alice)
    page.set_input_files("#id_document", [file("dear.pdf", pdf(4, "Dear")), file("cheap.pdf", pdf(1, "Cheap"))])
    ready(page, "dear.pdf")
    expect(page.locator("#outlook")).to_contain_text("only 3 credits left this month")

    page.get_by_role("button", name="Extract 2 documents").click()
    expect(row(page, "dear.pdf")).to_contain_text("it would cost about 8 credits")
    expect(page.locator("#sent .row-link")).to_have_text(["cheap.pdf"])
    come_back(page)
    page.wait_for_load_state("networkidle")
    expect(row(page, "dear.pdf")).to_contain_text("it would cost about 8 credits")

    Budget.objects.filter(pk=budget.pk).update(cap=40)
    row(page, "dear.pdf").get_by_role("button", name="Try again").click()
    expect(page.locator("#sent .row-link")).to_have_count(2)


def test_strangers_presets_are_not_offered(open_page, alice, connection):
    Preset.objects.create(owner=make_person("Stranger"), name="Theirs", connection=connection, server="FR-1")

    page = open_page(alice)
    come_back(page)
    page.wait_for_load_state("networkidle")

    expect(page.get_by_label("Preset", exact=True)).to_have_count(0)
