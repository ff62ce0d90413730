"""The sample documents that the portal offers, through the whole pipeline, against what is printed on them."""

import io
import json
import re
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

import reading
from engine.pipeline import Category, Request, Step, StepDone, run

PROJECT = Path(__file__).parent.parent.parent
SAMPLES = PROJECT / "extractions" / "samples"
DEFINITIONS = PROJECT / "engine" / "samples"
TRUTH = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
SCHEMAS = {schema["name"]: schema for schema in json.loads((DEFINITIONS / "schemas.json").read_text(encoding="utf-8"))}
(CLASSIFIER,) = json.loads((DEFINITIONS / "classifiers.json").read_text(encoding="utf-8"))
CATEGORIES = tuple(Category(category["name"], category["description"]) for category in CLASSIFIER["categories"])

pytestmark = pytest.mark.slow

INVOICES = ("invoice-larkspur-instruments.pdf", "facture-kerbrune-scan.pdf")
RECEIPT = "ticket-pennywhistle.jpg"
ALL = (*INVOICES, RECEIPT)

OF_INVOICE = {
    "invoice_number": "invoice_number",
    "issue_date": "invoice_date",
    "due_date": "due_date",
    "purchase_order": "purchase_order",
    "currency": "currency",
    "supplier.name": "supplier_name",
    "supplier.tax_id": "supplier_vat_number",
    "supplier.iban": "iban",
    "customer.name": "customer_name",
    "subtotal": "net_amount",
    "tax_amount": "vat_amount",
    "total_amount": "total_amount",
}
OF_INVOICE_LINE = {
    "article_number": "code",
    "quantity": "quantity",
    "unit_price": "unit_price",
    "tax_rate": "vat_rate",
    "amount": "amount",
}
OF_RECEIPT = {
    "merchant.name": "merchant",
    "merchant.tax_id": "vat_number",
    "receipt_number": "receipt_number",
    "date": "date",
    "time": "time",
    "currency": "currency",
    "subtotal": "subtotal",
    "tax_amount": "vat_amount",
    "total_amount": "total",
    "payment_method": "payment_method",
}
OF_RECEIPT_LINE = {name: name for name in ("description", "quantity", "unit_price", "amount")}
"""The names of the schema, and those of the truth for the same things."""

REACH = 0.01
"""How far from its box, as a share of the page, a word of a located value may begin or end."""

LINE = 0.035
"""As a share of the page, what no single line of the samples is higher than, not even one of the tilted receipt."""

MONTHS = {11: "nov", 12: "d"}
"""How the names of the months in the samples begin, in English and in French."""


@cache
def answer(name):
    schema = SCHEMAS["Receipt" if name == RECEIPT else "Invoice"]
    context = f"{schema['name']}\n{schema['description']}\n{schema['additional_informations'] or ''}"
    request = Request(SAMPLES / name, schema=schema["schema"], schema_context=context, categories=CATEGORIES)
    result = {}
    for event in run(request):
        if isinstance(event, StepDone):
            result |= event.result
            result[event.step] = event.result
    return result


@cache
def pages_of(name):
    return {page.number: page for page in reading.read(SAMPLES / name)}


def value_at(data, path):
    for name in path.split("."):
        data = data[name]
    return data


def plain(value):
    """Numbers as they are; text without the blanks and capitals in which the printed form may differ."""
    return "".join(value.split()).casefold() if isinstance(value, str) else value


def names_of(document):
    return (OF_RECEIPT, OF_RECEIPT_LINE) if document == RECEIPT else (OF_INVOICE, OF_INVOICE_LINE)


@pytest.mark.parametrize("document", ALL)
def test_every_value_is_right(document):
    data, names = answer(document)["extracted_data"], names_of(document)[0]

    given = {path: plain(value_at(data, path)) for path in names}

    assert given == {path: plain(TRUTH[document][name]) for path, name in names.items()}


@pytest.mark.parametrize("document", ALL)
def test_every_line_is_right_and_there_are_no_others(document):
    names = names_of(document)[1]

    given = [{name: plain(line[name]) for name in names} for line in answer(document)["extracted_data"]["lines"]]

    assert given == [{mine: plain(line[other]) for mine, other in names.items()} for line in TRUTH[document]["lines"]]


@pytest.mark.parametrize("document", INVOICES)
def test_every_line_has_the_name_of_the_thing_without_the_small_print_below(document):
    given = [_alike(line["description"]) for line in answer(document)["extracted_data"]["lines"]]

    assert given == [_alike(line["description"]) for line in TRUTH[document]["lines"]]


def _alike(text):
    """As recognition sees it, which does not tell raised figures and kinds of apostrophes apart."""
    return plain(text.replace("²", "2").replace("’", "'"))


@pytest.mark.parametrize("document", ALL)
def test_the_kind_of_document_is_found(document):
    result = answer(document)

    assert result["classifier_result"] == ("Receipt" if document == RECEIPT else "Invoice")
    assert result["classifier_confidence"] > 0.5


@pytest.mark.parametrize("document", ALL)
def test_every_value_has_a_place_on_the_page_that_shows_it(document):
    result = answer(document)
    pages = pages_of(document)
    lines = len(TRUTH[document]["lines"])
    paths = [path for path in names_of(document)[0] if path not in ("payment_method", "currency")]
    paths += [f"lines[{index}].amount" for index in range(lines)]

    for path in paths:
        places = result["x_locations"][path]
        shown = "".join(_shown(pages[place["page"]], place["bbox"]) for place in places)
        value = result["extracted_data"]["lines"][int(path[6:-8])]["amount"] if "[" in path else None
        value = value_at(result["extracted_data"], path) if value is None else value
        assert _says(shown, value), f"{path}: {value} at {shown!r}"
        assert len(places) == 1
        assert places[0]["bbox"][3] - places[0]["bbox"][1] < LINE, f"{path}: {places}"


def _shown(page, box):
    """The words of a page that lie in a box."""
    inside = [
        word.text
        for word in page.words
        if box[0] - REACH < word.box.centre[0] < box[2] + REACH and box[1] < word.box.centre[1] < box[3]
    ]
    return " ".join(inside)


def _says(shown, value):
    """Whether a text says a value and nothing besides but a currency."""
    if isinstance(value, float | int):
        digits = "".join(char for char in shown if char.isdigit())
        return digits.rstrip("0") == f"{value:.2f}".replace(".", "").rstrip("0")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        year, month, day = (int(part) for part in value.split("-"))
        written = [int(part) if part.isdigit() else part.casefold() for part in re.findall(r"[^\W_]+", shown)]
        if len(written) == 3 and isinstance(written[1], str) and written[1].startswith(MONTHS[month]):
            written[1] = month
        return written in ([day, month, year], [day, month, year % 100])
    return _core(shown) == _core(value)


def _core(text):
    return "".join(char for char in plain(text) if char.isalnum())


@pytest.mark.parametrize(
    ("shown", "value", "says"),
    [
        ("1 248,48 €", 1248.48, True),
        ("1 248,48 € 290,00", 1248.48, False),
        ("12 November 2026", "2026-11-12", True),
        ("12/11/26", "2026-11-12", True),
        ("12 December 2026", "2026-11-12", False),
        ("26", "2026-11-12", False),
        ("Invoice LI-26-10482", "LI-26-10482", False),
    ],
)
def test_a_place_says_its_value_and_nothing_else(shown, value, says):
    assert _says(shown, value) == says


@pytest.mark.parametrize("document", ALL)
def test_no_picture_is_text(document):
    """The samples show a logo, a stamp at most; none of it fills a page."""
    result = answer(document)
    page = pages_of(document)[1]

    for picture in result[Step.IMAGES]["pictures"]:
        image = Image.open(io.BytesIO(picture.jpeg))
        inches = image.width / 150 * image.height / 150
        assert inches < 0.2 * page.width / 72 * page.height / 72
        assert f"![]({picture.name})" in result["content"]


def test_a_logo_of_a_digital_document_is_a_picture():
    names = [picture.name for picture in answer(INVOICES[0])["pictures"]]

    assert "_page_0_Picture_0.jpeg" in names


@pytest.mark.parametrize("document", INVOICES)
def test_the_content_has_the_table_and_the_totals(document):
    content = answer(document)["content"]

    for line in TRUTH[document]["lines"]:
        assert any(row.startswith(f"| {line['code']} |") for row in content.splitlines())
