"""What is masked is nowhere: not in the page, not in files, not in the pictures."""

from __future__ import annotations

import io
import json

import cv2
import numpy as np
import pytest
from PIL import Image

from extractions.folding import plain_words
from extractions.models import PageWords, Value
from tests.factories import make_page
from tests.guests.sharing import DATA, colour_at, come_in, document_of, file_of, make_link, picture_of

pytestmark = pytest.mark.django_db
IBAN = "fr7630006000011234567890189"


def plain(content: bytes) -> str:
    return "".join(plain_words(content.decode()))


def test_a_masked_value_is_neither_in_the_page_nor_in_files(alice, document):
    link, token = make_link(document, alice, masked=["iban"])
    guest = come_in(token)

    page, data, table = (guest.get(address).content for address in (
        document_of(link), file_of(link, "json"), file_of(link, "csv")
    ))  # fmt: skip

    for content in (page, data, table):
        assert IBAN not in plain(content), "nor in the line that names it"
        assert "Papeterie Zèbre" in content.decode()
    shown = json.loads(data)
    assert shown["data"]["iban"] is None
    assert shown["data"]["lines"] == [DATA["lines"][0], {"label": None, "price": 84.5}]
    assert guest.get(file_of(link, "original")).status_code == 404


def test_without_masks_the_original_is_offered(alice, document):
    link, token = make_link(document, alice)

    response = come_in(token).get(file_of(link, "original"))

    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert "attachment" in response.headers["Content-Disposition"]


def test_no_files_are_offered_where_the_link_has_none(alice, document):
    link, token = make_link(document, alice, files_offered=False)
    guest = come_in(token)

    assert [guest.get(file_of(link, form)).status_code for form in ("csv", "json", "original")] == [404] * 3
    assert "/files/" not in guest.get(document_of(link)).content.decode()


def test_a_masked_value_is_covered_wherever_it_is_printed(alice, document):
    link, token = make_link(document, alice, masked=["iban"])

    picture = come_in(token).get(picture_of(link)).content

    assert [colour_at(picture, *at) for at in ((0.15, 0.21), (0.5, 0.21), (0.5, 0.81))] == ["covered"] * 3
    assert [colour_at(picture, *at) for at in ((0.3, 0.11), (0.7, 0.51))] == ["printed"] * 2


def test_a_number_is_found_as_people_write_it(alice, document):
    PageWords.objects.update(words=[[0.6, 0.5, 0.7, 0.52, "1"], [0.7, 0.5, 0.9, 0.52, "284,50"]])
    Value.objects.filter(path="total").update(boxes=[], page=None, evidence="missing")
    link, token = make_link(document, alice, masked=["total"])

    picture = come_in(token).get(picture_of(link)).content

    assert [colour_at(picture, x, 0.51) for x in (0.65, 0.8)] == ["covered"] * 2


def test_recognised_text_is_covered_though_it_is_misread(alice, document):
    misread = "FR763OOO6OOOO11234567890l89"
    PageWords.objects.update(source="ocr", words=[[0.2, 0.80, 0.8, 0.82, misread]])
    link, token = make_link(document, alice, masked=["iban"])

    picture = come_in(token).get(picture_of(link)).content

    assert colour_at(picture, 0.5, 0.81) == "covered"


@pytest.mark.parametrize("why", ["no place", "no words", "unreadable"])
def test_a_page_that_cannot_be_masked_for_certain_is_left_out(alice, document, why):
    if why == "no place":
        Value.objects.filter(path="supplier").update(boxes=[], page=None, evidence="missing", extracted="Other Ltd",
                                                     text="Other Ltd")  # fmt: skip
    elif why == "no words":
        PageWords.objects.all().delete()
    else:
        PageWords.objects.update(source="unreadable")
    link, token = make_link(document, alice, masked=["supplier"])
    guest = come_in(token)

    assert guest.get(picture_of(link)).status_code == 404
    page = guest.get(document_of(link)).content.decode()
    assert "1 page is left out" in page
    assert "<img" not in page


def test_a_place_that_only_the_service_names_is_not_trusted(alice, document):
    Value.objects.filter(path="supplier").update(evidence="missing", extracted="Other Ltd", text="Other Ltd")
    link, token = make_link(document, alice, masked=["supplier"])

    assert come_in(token).get(picture_of(link)).status_code == 404


def test_what_was_extracted_before_a_correction_is_masked_too(alice, document):
    Value.objects.filter(path="supplier").update(corrected=True, typed="Papeterie Zebu", text="Papeterie Zebu")
    link, token = make_link(document, alice, masked=["supplier"])
    guest = come_in(token)

    page, picture = guest.get(document_of(link)).content.decode(), guest.get(picture_of(link)).content

    assert "Zèbre" not in page
    assert "Zebu" not in page
    assert colour_at(picture, 0.3, 0.11) == "covered"


def test_a_masked_column_is_hidden_in_every_row(alice, document):
    link, token = make_link(document, alice, masked=["lines[].price"])
    guest = come_in(token)

    data = json.loads(guest.get(file_of(link, "json")).content)

    assert [line["price"] for line in data["data"]["lines"]] == [None, None]
    assert "1,200" not in guest.get(document_of(link)).content.decode()


def test_a_file_name_that_tells_what_is_masked_is_not_shown(alice, document):
    document.name = "papeterie-zebre-042.pdf"
    document.save(update_fields=["name"])
    link, token = make_link(document, alice, masked=["supplier"])
    guest = come_in(token)

    assert "papeterie" not in guest.get(document_of(link)).content.decode().casefold()
    assert "papeterie" not in guest.get(file_of(link, "csv")).headers["Content-Disposition"]


def test_a_code_that_repeats_what_is_masked_is_covered(alice, document):
    code = cv2.resize(cv2.QRCodeEncoder.create().encode(IBAN), None, fx=5, fy=5, interpolation=cv2.INTER_NEAREST)
    page = np.full((880, 620), 255, np.uint8)
    page[300 : 300 + code.shape[0], 200 : 200 + code.shape[1]] = code
    written = io.BytesIO()
    Image.fromarray(page).convert("RGB").save(written, "JPEG")
    document.pages.all().delete()
    make_page(document, written.getvalue(), width=620, height=880, number=1)
    link, token = make_link(document, alice, masked=["iban"])

    picture = come_in(token).get(picture_of(link)).content

    with Image.open(io.BytesIO(picture)) as shown:
        text, _points, _straight = cv2.QRCodeDetector().detectAndDecode(np.asarray(shown))
        assert not text
        assert shown.convert("L").crop((210, 310, 340, 440)).getextrema()[1] < 120


def test_a_watermark_is_in_the_picture_and_keeps_the_original_back(alice, document):
    clean, first = make_link(document, alice)
    marked, second = make_link(document, alice, watermark=True)

    without, with_ = come_in(first).get(picture_of(clean)).content, come_in(second)
    picture = with_.get(picture_of(marked)).content

    def inked(content):
        with Image.open(io.BytesIO(content)) as page:
            return (np.asarray(page.convert("L")) < 250).mean()

    assert inked(picture) > inked(without) + 0.02
    assert with_.get(file_of(marked, "original")).status_code == 404


def test_pages_are_not_there_where_the_link_has_none(alice, document):
    link, token = make_link(document, alice, pages_shown=False)
    guest = come_in(token)

    assert guest.get(picture_of(link)).status_code == 404
    assert "<img" not in guest.get(document_of(link)).content.decode()
    assert guest.get(file_of(link, "original")).status_code == 404  # it has them
