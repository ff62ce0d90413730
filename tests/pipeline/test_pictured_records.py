"""Cards that were drawn as a picture and recognised, to see what recognition leaves of their zones and lines."""

import pypdfium2
import pytest
from fpdf import FPDF

from reading import read
from tests.pipeline.making import STRING, ask

DATE = {**STRING, "format": "date"}

pytestmark = pytest.mark.slow


def card(path, texts, *, width=640, height=450):
    """A picture of a card; each text with its place, its size and its font."""
    document = FPDF(unit="pt", format=(width, height))
    document.add_page()
    for x, y, size, font, text in texts:
        document.set_font(font, size=size)
        document.text(x, y, text)
    with pypdfium2.PdfDocument(bytes(document.output())) as pdf:
        pdf[0].render(scale=2).to_pil().convert("RGB").save(path, quality=85)
    return list(read(path, layout=False))


def test_the_zone_of_a_pictured_passport_is_read(tmp_path):
    pages = card(
        tmp_path / "passport.jpg",
        [
            (40, 50, 20, "Helvetica", "UTOPIA"),
            (40, 90, 9, "Helvetica", "Surname / Nom"),
            (40, 108, 14, "Helvetica", "ERIKSSON"),
            (40, 130, 9, "Helvetica", "Given names / Prénoms"),
            (40, 148, 14, "Helvetica", "ANNA MARIA"),
            (20, 380, 21, "Courier", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"),
            (20, 415, 21, "Courier", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
        ],
    )

    found = ask(pages, surname=STRING, given_names=STRING, passport_number=STRING, birth_date=DATE, expiry_date=DATE)

    assert found == {
        "surname": "ERIKSSON",
        "given_names": "ANNA MARIA",
        "passport_number": "L898902C3",
        "birth_date": "1974-08-12",
        "expiry_date": "2012-04-15",
    }


def test_a_pictured_business_card_tells_its_person_and_firm(tmp_path):
    pages = card(
        tmp_path / "card.jpg",
        [
            (60, 90, 34, "Helvetica", "Feldmann Optik"),
            (60, 190, 24, "Helvetica", "Ruth Adler"),
            (60, 222, 17, "Helvetica", "Geschäftsführerin"),
            (60, 300, 17, "Helvetica", "r.adler@feldmann-optik.example"),
            (60, 330, 17, "Helvetica", "Tel. +49 40 555 01 22"),
            (60, 360, 17, "Helvetica", "Deichstraße 9, 20459 Hamburg"),
        ],
    )

    assert ask(pages, name=STRING, position=STRING, firma=STRING, email=STRING, telefon=STRING) == {
        "name": "Ruth Adler",
        "position": "Geschäftsführerin",
        "firma": "Feldmann Optik",
        "email": "r.adler@feldmann-optik.example",
        "telefon": "+49 40 555 01 22",
    }
