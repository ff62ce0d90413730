"""Which of hundreds of equal values is meant."""

from __future__ import annotations

import time

import pytest

from extractions.evidence.grounding import ground
from extractions.evidence.rows import in_order
from extractions.result.leaves import leaves
from tests.evidence.making import found, line_of, page
from tests.long_table import SCHEMA, LongTable


def test_each_of_two_thousand_values_on_two_hundred_pages_is_found_in_its_own_row():
    table = LongTable(pages=200, rows=3)

    places = ground(list(leaves(table.data)), table.words(), SCHEMA)

    assert len(places) > 2000
    assert table.right(places) == 1


@pytest.mark.parametrize("part", [slice(300, None), slice(0, 200), slice(150, 450)])
def test_a_part_of_a_table_is_found_where_it_stands(part):
    table = LongTable(pages=200, rows=3)
    first = part.start
    table.places = {
        f"lines[{row - first}].{name}": table.places[f"lines[{row}].{name}"]
        for row in range(first, part.stop or len(table.lines))
        for name in table.lines[0]
    }

    places = ground(list(leaves({"lines": table.lines[part]})), table.words(), SCHEMA)

    assert table.right(places) == 1


def test_a_row_that_the_document_does_not_have_moves_no_other():
    table = LongTable(pages=20, rows=10)
    lines = [*table.lines[:90], {"item": "Crane", "quantity": 77, "unit_price": 0.5, "amount": 38.5}, *table.lines[90:]]
    places = ground(list(leaves({"lines": lines})), table.words(), SCHEMA)
    strange, own = places[90 * 4 : 91 * 4], places[: 90 * 4]

    assert {one.kind for one in strange} == {"missing"}
    assert table.right(own) == 1
    assert places[91 * 4].page == table.places["lines[90].item"][0]


def test_the_total_under_a_long_table_is_the_one_on_its_last_page():
    table = LongTable(pages=40, rows=20)
    words = table.words()
    last = words[-1].words
    last += [[0.5, 0.6, 0.54, 0.612, "Total"], [0.656, 0.6, 0.7, 0.612, "10.00"]]

    total = ground(list(leaves({"total": 10.0} | table.data)), words)[0]

    assert (total.page, total.boxes) == (40, [[0.656, 0.6, 0.7, 0.612]])


def test_a_text_that_is_one_letter_is_found_in_the_last_of_many_rows():
    rows = [{"item": "Cable", "grade": grade} for grade in "ABC" * 120]
    pages = [
        page("\n".join(f"Cable a{row['grade']}a1   {row['grade']}" for row in rows[first : first + 30]), number)
        for number, first in enumerate(range(0, len(rows), 30), 1)
    ]

    places = found({"lines": rows}, *pages)

    grades = [places[f"lines[{number}].grade"] for number in range(len(rows))]
    assert [(one.page, line_of(one)) for one in grades] == [(n // 30 + 1, n % 30) for n in range(len(rows))]
    assert {one.boxes[0][0] > 0.09 for one in grades} == {True}


def test_rows_follow_each_other_closely():
    """The last as high as all of them allow, the others as near to it as weighs no less."""
    assert in_order([[(1, 1.0), (5, 1.0), (6, 1.0)]] * 2) == [1, 5]
    assert in_order([[(1, 1.0), (5, 1.0)], [(6, 3.0)]]) == [5, 6]
    assert in_order([[(4, 1.0)], [(2, 3.0)], [(3, 1.0)]]) == [None, 2, 3]
    assert in_order([[], []]) == [None, None]


def test_the_time_grows_with_the_table_and_not_with_its_square():
    def seconds(table):
        asked, words = list(leaves(table.data)), table.words()
        begun = time.process_time()
        ground(asked, words, SCHEMA)
        return time.process_time() - begun

    seconds(LongTable(pages=5, rows=20))
    short, long = seconds(LongTable(pages=10, rows=20)), seconds(LongTable(pages=80, rows=20))

    assert long / short < 8 * 2.5
