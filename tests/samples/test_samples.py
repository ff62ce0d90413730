import json
import re
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from stdnum import bic, iban
from stdnum.fr import siren, siret, tva
from stdnum.gb import vat

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "extractions" / "samples"
LARKSPUR, KERBRUNE = "invoice-larkspur-instruments.pdf", "facture-kerbrune-scan.pdf"
PENNYWHISTLE = "ticket-pennywhistle.jpg"
TRUTH = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)


def printed(name: str) -> list[str]:
    with pypdfium2.PdfDocument(SAMPLES / name) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", TRUTH)
def test_every_line_is_quantity_times_price(name):
    for line in TRUTH[name]["lines"]:
        assert line["quantity"] * line["unit_price"] == line["amount"]


@pytest.mark.parametrize("name", [LARKSPUR, KERBRUNE])
def test_invoice_adds_up(name):
    truth = TRUTH[name]

    assert sum(line["amount"] for line in truth["lines"]) == truth["net_amount"]
    assert sum(part["net"] for part in truth["vat"]) == truth["net_amount"]
    assert sum(part["amount"] for part in truth["vat"]) == truth["vat_amount"]
    assert truth["net_amount"] + truth["vat_amount"] == truth["total_amount"]
    for part in truth["vat"]:
        lines = [line["amount"] for line in truth["lines"] if line["vat_rate"] == part["rate"]]
        assert sum(lines) == part["net"]
        assert part["amount"] == round(part["net"] * part["rate"] / 100, 2)


def test_receipt_adds_up():
    truth = TRUTH[PENNYWHISTLE]

    assert sum(line["amount"] for line in truth["lines"]) == truth["total"]
    assert truth["subtotal"] + truth["vat_amount"] == truth["total"]
    assert round(truth["subtotal"] * truth["vat_rate"] / 100, 2) == truth["vat_amount"]


def test_check_digits_are_right():
    for name in (LARKSPUR, KERBRUNE):
        assert iban.is_valid(TRUTH[name]["iban"])
        assert bic.is_valid(TRUTH[name]["bic"])
    assert vat.is_valid(TRUTH[LARKSPUR]["supplier_vat_number"])
    assert vat.is_valid(TRUTH[PENNYWHISTLE]["vat_number"])
    assert tva.is_valid(TRUTH[KERBRUNE]["supplier_vat_number"])
    assert siren.is_valid(TRUTH[KERBRUNE]["supplier_siren"])
    assert siret.is_valid(TRUTH[KERBRUNE]["supplier_siret"])


def test_digital_invoice_says_what_the_truth_says():
    truth, pages = TRUTH[LARKSPUR], printed(LARKSPUR)

    assert len(pages) == 2
    text = squeezed("".join(pages))
    for field in ("invoice_number", "purchase_order", "supplier_vat_number", "iban", "bic", "customer_name"):
        assert squeezed(truth[field]) in text
    for amount in ("net_amount", "vat_amount", "total_amount"):
        assert f"{truth[amount]:,.2f}" in text
    for line in truth["lines"]:
        assert squeezed(line["description"]) in text
        assert f"{line['amount']:,.2f}" in text


def test_digital_invoice_breaks_its_table_over_two_pages():
    truth, (first, second) = TRUTH[LARKSPUR], printed(LARKSPUR)

    assert len(truth["lines"]) >= 12
    assert truth["lines"][0]["code"] in first
    assert truth["lines"][-1]["code"] in second


def test_scan_is_one_page_without_text():
    assert printed(KERBRUNE) == [""]


def test_photograph_is_a_jpeg_of_fair_size():
    with Image.open(SAMPLES / PENNYWHISTLE) as picture:
        picture.load()

    assert picture.format == "JPEG"
    assert min(picture.size) >= 1200
    assert 300_000 <= (SAMPLES / PENNYWHISTLE).stat().st_size <= 600_000


def test_samples_stay_small_together():
    assert sum((SAMPLES / name).stat().st_size for name in TRUTH) < 1_500_000
