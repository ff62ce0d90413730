"""Values read by their shape alone."""

from engine.pipeline.parsing.readers import read_legal, read_phone, read_tax_number
from engine.pipeline.parsing.text_grid import TextGrid
from tests.pipeline.making import make_page


def first(reader, text):
    grid = TextGrid([make_page(text)])
    return next((reading.value for reading in reader(grid.cells[0].span, grid.style)), None)


def test_a_day_is_no_number_of_a_telephone_or_a_register():
    for reader in (read_phone, read_legal, read_tax_number):
        assert first(reader, "Gast 08.08.2025") is None

    assert first(read_phone, "08/08/2025 01632 960134") == "01632 960134"
    assert first(read_phone, "01 02 03 04 05") == "01 02 03 04 05"


def test_swiss_and_italian_numbers_are_read_from_their_first_letter():
    assert first(read_legal, "CH-416.2.002.259-0") == "CH-416.2.002.259-0"
    assert first(read_tax_number, "C.F. RSSMRA85T10A562S") == "RSSMRA85T10A562S"
