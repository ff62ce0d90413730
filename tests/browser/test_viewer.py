"""The viewer as a person uses it: sharp when close, found words, marked places, the way between field and place."""

import io

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import expect

from extractions.models import PageImage, PageWords, Value
from tests.browser.people import new_context
from tests.factories import make_extraction, make_schema
from tests.running import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLACE = [0.5, 0.5, 0.6, 0.52]


def open_as(person, client, browser, live_server, address):
    """A page for somebody who is signed in. What goes wrong in it is kept in `page.problems`."""
    client.force_login(person)
    context = new_context(browser)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(live_server.url + address)
    return page


def picture(width, height):
    content = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(content, "JPEG")
    return ContentFile(content.getvalue())


@pytest.fixture
def document(alice):
    """Three pages; "INV-77 from Acme" stands in the middle of the second."""
    extraction = make_extraction(
        owner=alice,
        state="EXTRACTED",
        schema=make_schema(),
        extracted_data={"invoice_number": "INV-77"},
        page_count=3,
    )
    for number in (1, 2, 3):
        name = default_storage.save(f"pages/{number}.jpeg", picture(1400, 1980))
        PageImage.objects.create(extraction=extraction, number=number, file=name, width=1400, height=1980)
        words = [[*PLACE, "INV-77"], [0.61, 0.5, 0.66, 0.52, "from"], [0.67, 0.5, 0.75, 0.52, "Acmé"]]
        PageWords.objects.create(
            extraction=extraction, number=number, words=words if number == 2 else [], source="text layer"
        )
    Value.objects.create(
        extraction=extraction, position=0, path="invoice_number", text="INV-77", page=2, boxes=[PLACE],
        standing="needs_you", evidence="fuzzy",
    )  # fmt: skip
    return extraction


@pytest.fixture
def page(document, alice, client, browser, live_server):
    page = open_as(alice, client, browser, live_server, document.get_absolute_url())
    yield page
    page.context.close()
    assert not page.problems


def test_field_and_place_find_each_other(page):
    page.locator("[data-shows='invoice_number']").focus()
    expect(page.locator(".desk-page")).to_have_text("Page 2 of 3")
    expect(page.locator(".place-name")).to_have_text("Invoice number")

    page.locator("[data-rail='1']").click()
    expect(page.locator(".desk-page")).to_have_text("Page 1 of 3")
    page.locator("[data-rail='2']").click()
    page.locator(".places [data-path='invoice_number'] rect").click()
    expect(page.locator("[data-shows='invoice_number']")).to_be_focused()


def test_words_are_found_and_counted(page):
    page.locator("#desk").focus()
    page.keyboard.press("/")
    page.keyboard.type("inv-77 from acme")

    expect(page.locator(".viewer-count")).to_have_text("1 of 1")
    expect(page.locator(".desk-page")).to_have_text("Page 2 of 3")
    page.keyboard.press("Escape")
    expect(page.locator("#desk")).to_be_focused()


@pytest.mark.parametrize("turns", [0, 1])
def test_a_marked_place_tells_its_words(page, turns):
    page.evaluate("document.addEventListener('place:drawn', (event) => (window.drawn = event.detail))")
    page.locator("[data-rail='2']").click()
    for _ in range(turns):
        page.locator("[data-do=rotate]").click()
    page.locator("[data-do=fit]").click()
    page.locator("[data-do=draw]").click()
    box = page.locator(".places [data-path='invoice_number'] rect").bounding_box()

    page.mouse.move(box["x"] - 4, box["y"] - 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 4, box["y"] + box["height"] + 4, steps=4)
    page.mouse.up()

    expect(page.locator(".viewer-taken p")).to_have_text("INV-77")
    drawn = page.evaluate("window.drawn")
    assert (drawn["page"], drawn["text"], drawn["box"]) == (2, "INV-77", PLACE)


def test_a_closer_look_gets_the_sharp_page(page, document):
    page.locator("[data-rail='3']").click()
    sharp = default_storage.save("pages/3-sharp.jpeg", picture(3200, 4526))
    for _ in range(6):
        page.locator("[data-do=zoom-in]").click()
    wait_for(lambda: document.pages.get(number=3).sharp_due_at)
    document.pages.filter(number=3).update(sharp=sharp, sharp_due_at=None)

    expect(page.locator("#page-3 img")).to_have_attribute("src", f"/extractions/{document.key}/pages/3/?size=sharp")


def test_width_and_side_of_the_document_are_remembered(page):
    page.get_by_role("separator").focus()
    page.keyboard.press("End")
    page.locator("[data-do=swap-sides]").click()
    page.reload()

    viewer, panes = page.locator(".viewer").bounding_box(), page.locator(".panes").bounding_box()
    assert viewer["width"] == pytest.approx(panes["width"] * 0.75, abs=4)
    assert viewer["x"] > panes["width"] * 0.2
