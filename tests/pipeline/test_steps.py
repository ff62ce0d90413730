import io
from dataclasses import astuple

import pytest
from fpdf import FPDF
from PIL import Image

from engine.pipeline import Category, Request, Step, StepDone, StepStarted, run
from engine.pipeline.images import cut_pictures
from reading import CannotRead
from reading.document import Box, Page, Region, RegionKind
from reading.turning import box_as_turned
from tests.reading.making import sideways_pdf

SCHEMA = {
    "type": "object",
    "properties": {
        "number": {"type": "string", "description": "Invoice number"},
        "total": {"type": "number", "description": "Total including VAT"},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"description": {"type": "string"}, "amount": {"type": "number"}},
            },
        },
    },
}


@pytest.fixture
def invoice(tmp_path):
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    for row, (left, right) in enumerate([("Invoice number:", "INV-2024-17"), ("Invoice date:", "03.02.2024")]):
        pdf.text(20, 30 + 8 * row, left)
        pdf.text(70, 30 + 8 * row, right)
    table = [("Description", "Quantity", "Unit price", "Amount"), ("Blue paint", "2", "10.00", "20.00")]
    table += [("Brush", "3", "5.50", "16.50"), ("", "", "Total:", "36.50")]
    for row, cells in enumerate(table):
        for column, cell in enumerate(cells):
            pdf.text(20 + 42 * column, 70 + 8 * row, cell)
    path = tmp_path / "invoice.pdf"
    path.write_bytes(bytes(pdf.output()))
    return path


def results(request, tmp_path):
    events = list(run(request, cache_dir=tmp_path))
    return events, {event.step: event.result for event in events if isinstance(event, StepDone)}


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_on_its_side_is_parsed_upright_and_its_values_are_placed_where_they_are_seen(invoice, tmp_path, turn):
    turned = sideways_pdf(tmp_path / "turned.pdf", invoice, turn)

    _, done = results(Request(turned, schema=SCHEMA), tmp_path)

    _, upright = results(Request(invoice, schema=SCHEMA), tmp_path)
    assert done[Step.PARSING] == upright[Step.PARSING]
    assert done[Step.PARSING]["extracted_data"]["total"] == 36.5
    ((seen,), (straight,)) = (one[Step.LOCATION]["x_locations"]["total"] for one in (done, upright))
    assert seen["bbox"] == pytest.approx(astuple(box_as_turned(Box(*straight["bbox"]), turn)), abs=1e-3)


def test_a_document_goes_through_all_steps_in_order(invoice, tmp_path):
    request = Request(invoice, schema=SCHEMA, categories=(Category("Contract"), Category("Invoice")))

    events, done = results(request, tmp_path)

    assert [event.step for event in events if isinstance(event, StepStarted)] == list(Step)
    assert "INV-2024-17" in done[Step.OCR]["content"]
    assert done[Step.OCR]["pages"] == 1
    assert done[Step.CLASSIFICATION]["classifier_result"] == "Invoice"
    assert done[Step.IMAGES] == {"pictures": []}
    assert done[Step.PARSING]["extracted_data"] == {
        "number": "INV-2024-17",
        "total": 36.5,
        "lines": [{"description": "Blue paint", "amount": 20}, {"description": "Brush", "amount": 16.5}],
    }


def test_locations_lie_where_the_values_are_printed(invoice, tmp_path):
    _, done = results(Request(invoice, schema=SCHEMA), tmp_path)

    places = done[Step.LOCATION]["x_locations"]

    assert set(places) == {"number", "total"} | {
        f"lines[{row}].{name}" for row in (0, 1) for name in ("description", "amount")
    }
    (place,) = places["number"]
    assert place["page"] == 1
    assert place["bbox"] == pytest.approx([70 / 210, 26 / 297, 92 / 210, 31 / 297], abs=0.01)


def test_without_schema_and_categories_two_steps_remain(invoice, tmp_path):
    events, _ = results(Request(invoice), tmp_path)

    assert [event.step for event in events if isinstance(event, StepStarted)] == [Step.OCR, Step.IMAGES]


def test_what_cannot_be_read_is_an_error_of_the_first_step(tmp_path):
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7 and nothing behind it")
    steps = run(Request(path), cache_dir=tmp_path)

    assert next(steps) == StepStarted(Step.OCR)
    with pytest.raises(CannotRead):
        next(steps)


def test_pictures_are_cut_out_under_the_names_of_the_markdown(tmp_path):
    path = tmp_path / "page.png"
    page_image = Image.new("RGB", (600, 800), "white")
    page_image.paste((200, 0, 0), (150, 200, 450, 400))
    page_image.save(path)
    picture = Region(RegionKind.PICTURE, Box(0.25, 0.25, 0.75, 0.5))
    page = Page(1, 600, 800, (), regions=(Region(RegionKind.TITLE, Box(0, 0, 1, 0.1)), picture))

    (cut,) = cut_pictures(path, [page])

    image = Image.open(io.BytesIO(cut.jpeg))
    assert cut.name == "_page_0_Picture_0.jpeg"
    assert image.width / image.height == pytest.approx(1.5, abs=0.02)
    assert image.getpixel((image.width // 2, image.height // 2))[0] > 180
