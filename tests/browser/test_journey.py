"""The main job as a new user does it: claim, try a sample, drop a document, look at the result."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import PASSWORD, claim, new_context, open_upload_page, wait_until_finished
from tests.documents import make
from tests.factories import pdf

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def page(browser, portal):
    """Signed in as the first administrator, who came by the printed link."""
    context = new_context(browser)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    claim(page, portal)
    yield page
    context.close()


@pytest.fixture
def upload_page(page, portal):
    open_upload_page(page, portal)
    return page


def test_the_setup_link_works_once(page, portal, browser):
    stranger = new_context(browser).new_page()

    answer = stranger.goto(portal.address)

    assert answer.status == 404


def test_the_page_says_that_the_embedded_engine_is_used(upload_page):
    upload_page.get_by_text("Embedded engine", exact=True).first.click()

    expect(upload_page.get_by_text("ANESYA_BASE_URL").first).to_be_visible()
    expect(upload_page.get_by_text("ANESYA_API_KEY").first).to_be_visible()


def test_a_sample_is_read_while_one_watches(upload_page, portal):
    page = upload_page
    page.get_by_role("button", name="Try it").first.click()
    page.wait_for_url(re.compile(r"/extractions/[0-9a-f-]{36}/"))

    # A fast machine may be done between two looks.
    seen = page.get_by_text("Document parsing").or_(page.locator(".sheet img"))
    expect(seen.first).to_be_visible()
    wait_until_finished(page)

    expect(page.get_by_text("LI-26-10482").first).to_be_visible()
    expect(page.get_by_text("7,287.08").first).to_be_visible()
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.wait_for_timeout(5000)
    asked = [url for url in requests if "/static/" not in url]  # the browser fetches the tab's picture when it likes
    assert not asked, "a finished page still asks"


def test_every_tab_of_the_result_has_something_to_show(page):
    page.get_by_role("link", name=re.compile("^Text")).or_(page.get_by_role("tab", name=re.compile("^Text"))).click()
    expect(page.get_by_text("Larkspur Instruments Ltd").first).to_be_visible()
    page.get_by_role("link", name=re.compile("^JSON")).or_(page.get_by_role("tab", name=re.compile("^JSON"))).click()
    expect(page.locator("#json")).to_contain_text("content_images")


def test_the_document_and_its_json_can_be_fetched(page, portal):
    document = page.request.get(f"{page.url.split('?')[0]}document/")
    raw = page.request.get(f"{page.url.split('?')[0]}raw/")

    assert document.body().startswith(b"%PDF")
    assert document.headers["x-content-type-options"] == "nosniff"
    assert json.loads(raw.body())["status"] == "FINISHED"
    assert json.loads(raw.body())["server"] == "FR-1"


def test_several_files_go_their_own_ways(upload_page, portal, tmp_path):
    page = upload_page
    good = tmp_path / "annual-report.pdf"
    good.write_bytes(pdf(2, "Dear Sir or Madam"))
    bad = [
        make.locked_pdf(tmp_path),
        make.docx_named_pdf(tmp_path),
        make.empty_pdf(tmp_path),
        make.damaged_pdf(tmp_path),
    ]

    page.set_input_files("input[type=file]", [good, *bad])
    page.get_by_role("button", name=re.compile("^Extract")).first.click()

    for sentence in ("password", "files are not accepted", "empty", "cannot open it"):
        expect(page.get_by_role("alert").filter(has_text=re.compile(sentence, re.I))).to_be_visible()
    expect(page.get_by_role("link", name="annual-report.pdf").first).to_be_visible()


def test_the_list_shows_everything_newest_first(page, portal):
    page.goto(f"{portal.root}/extractions/")

    names = page.locator("#rows a, .table a").all_inner_texts()
    found = [name for name in names if name.endswith((".pdf", ".jpg"))]
    assert found.index("annual-report.pdf") < found.index("invoice-larkspur-instruments.pdf")


def test_the_dashboard_counts_what_there_is(page, portal):
    page.goto(portal.root)

    expect(page.get_by_text("received today").first).to_be_visible()
    expect(page.get_by_role("link", name="invoice-larkspur-instruments.pdf").first).to_be_visible()


def test_staff_find_it_in_the_admin(page, portal):
    page.goto(f"{portal.root}/admin/extractions/extraction/?q=larkspur")

    page.get_by_role("link", name="invoice-larkspur-instruments.pdf").click()
    expect(page.get_by_text(re.compile("EXTRACTED|Finished|Waits for")).first).to_be_visible()


def test_a_team_shares_and_a_stranger_sees_nothing(page, portal, browser):
    """Two people of a team and one of another: links into teams, one document, one list, one log."""
    page.goto(f"{portal.root}/extractions/")
    page.get_by_role("link", name="invoice-larkspur-instruments.pdf").first.click()
    page.wait_for_url(re.compile(r"/extractions/[0-9a-f-]{36}/"))
    document = page.url.split("?")[0]
    page.goto(f"{portal.root}/team/")
    page.locator("#team_name").fill("Elsewhere")
    page.get_by_role("button", name="Make the team").click()
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    colleague = _join(browser, _link_into(page, "Accounts", "Bea Colleague"), "Bea Colleague")
    stranger = _join(browser, _link_into(page, "Elsewhere", "Carl Stranger"), "Carl Stranger")

    colleague.goto(f"{portal.root}/extractions/?q=larkspur")
    colleague.get_by_role("link", name="invoice-larkspur-instruments.pdf").first.click()
    expect(colleague.get_by_text("LI-26-10482").first).to_be_visible()

    for path in ("", "document/", "raw/", "pages/1/", "words/", "download/?download=csv", "move/", "delete/"):
        assert stranger.goto(document + path).status == 404, path
    for address in ("/extractions/", "/extractions/?q=larkspur", "/", "/review/", "/credits/"):
        assert stranger.goto(portal.root + address).status == 200
        expect(stranger.get_by_text("invoice-larkspur")).to_have_count(0)
        expect(stranger.locator(f"a[href*='{document.rstrip('/').rpartition('/')[2]}']")).to_have_count(0)
    assert stranger.goto(f"{portal.root}/audit/").status in (403, 404)

    page.goto(f"{portal.root}/audit/")
    expect(page.get_by_role("row").filter(has_text="Bea Colleague").filter(has_text="looked at").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Carl Stranger").filter(has_text="looked at")).to_have_count(0)


def _link_into(page, team: str, name: str) -> str:
    page.goto(page.url.split("/team/")[0] + "/team/")
    section = page.locator("section", has=page.get_by_role("heading", name=team, exact=True))
    section.get_by_text("Invite somebody").click()
    section.get_by_label("For whom").fill(name)
    section.get_by_role("button", name="Make a link").click()
    return page.locator("#made-link").input_value()


def _join(browser, link: str, name: str):
    """A person of a browser of their own."""
    page = new_context(browser).new_page()
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail address").fill(f"{name.split()[0].lower()}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make an account and join").click()
    page.wait_for_url(lambda address: "/invitations/" not in address)
    return page


def test_nothing_complained_in_the_console(page):
    # Leaving a page ends what it was asking for, which htmx writes down as two lines.
    expected = ("status of 4", "htmx:sendAbort", "htmx:afterRequest")
    assert not [problem for problem in page.problems if not any(words in problem for words in expected)]
