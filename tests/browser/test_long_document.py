"""A document of 200 pages with 2,400 values, beside one of a single page: both have to be as handy."""

from __future__ import annotations

from statistics import median

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from playwright.sync_api import expect

from extractions.models import Extraction, PageImage, PageWords, Value
from extractions.models.evidence import EvidencePolicy
from extractions.result.leaves import leaves
from extractions.verification.grounding import ground_values
from tests.browser.test_review import field, open_as, saved  # noqa: F401 - a fixture
from tests.factories import make_extraction, make_person, make_schema, make_team
from tests.long_table import SCHEMA, LongTable
from tests.review.making import picture

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]
TIMES = 5
OUT_OF_PROPORTION = 30  # times a single page: 200 times the pages and 300 times the values cost far less
LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd || null"
ON_THE_LINE = "performance.getEntriesByType('navigation')[0].encodedBodySize"


def make_list(owner, pages: int, rows: int) -> Extraction:
    """As the worker leaves it; its last amount was read wrongly."""
    table = LongTable(pages, rows)
    table.lines[-1]["amount"] = 77.31
    schema = make_schema("List", schema=SCHEMA)
    extraction = make_extraction(
        owner=owner, state="EXTRACTED", schema=schema, extracted_data=table.data, page_count=pages,
        name=f"{pages} pages.pdf", content_of_file=table.pdf(),
        raw={"x_confidence": dict.fromkeys((leaf.path for leaf in leaves(table.data)), 0.99)},
    )  # fmt: skip
    image = default_storage.save("pages/of-all.jpeg", ContentFile(picture()))
    PageImage.objects.bulk_create(
        PageImage(extraction=extraction, number=number, file=image, width=620, height=877)
        for number in range(1, pages + 1)
    )
    PageWords.objects.bulk_create(
        PageWords(extraction=extraction, number=page.number, words=page.words, source=PageWords.Source.TEXT_LAYER)
        for page in table.words()
    )
    Value.objects.bulk_create(
        Value(
            extraction=extraction, position=position, path=leaf.path, extracted=leaf.value, text=leaf.text,
            number=leaf.number,
        )
        for position, leaf in enumerate(leaves(table.data))
    )  # fmt: skip
    ground_values(extraction)
    extraction.refresh_from_db()
    return extraction


def opening(page, address: str) -> float:
    times = []
    for _time in range(TIMES):
        page.goto(address)
        page.wait_for_function(LOADED)
        times.append(page.evaluate(LOADED))
    return median(times)


def test_two_hundred_pages_and_two_thousand_values_stay_handy(open_as, transactional_db):  # noqa: F811
    team = make_team()
    EvidencePolicy.objects.create(team=team, wrong_unseen=2)
    alice = make_person("Alice", team=team)
    short, long = make_list(alice, 1, 2), make_list(alice, 200, 3)
    page = open_as(alice)
    last = field(page, "lines[599].amount")

    for view in ("extractions:detail", "extractions:review"):
        once, often = (opening(page, reverse(view, args=[item.key])) for item in (short, long))
        size = page.evaluate(ON_THE_LINE)
        print(f"{view}: {often / once:.1f} times a page, {size} bytes")
        assert often / once < OUT_OF_PROPORTION
        assert size < 60_000

    # The only value that needs somebody is the last, and its row is in sight on the last page.
    expect(last).to_be_focused()
    expect(page.locator(".desk-page")).to_have_text("Page 200 of 200")
    expect(page.locator('.places [data-path="lines[599].item"]')).to_be_in_viewport()
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    expect(page.locator("#approve")).to_be_focused()
    saved(page)
    address = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != address)
    long.refresh_from_db()
    assert long.review_state == "approved"
    assert page.errors == []
    page.context.close()
