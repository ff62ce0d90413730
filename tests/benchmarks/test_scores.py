"""The figures of `benchmarks.extraction`, against a scorer that knows only equality."""

from types import SimpleNamespace

import pytest

from benchmarks._scores import Scored, Tally, calibration_error, confirmed, macro_f1, rights_of_rows
from benchmarks._truths import kinds_of

EQUAL = SimpleNamespace(norm=lambda kind, value: value)


def test_f1_weighs_what_is_missing_and_what_is_wrong():
    tally = Tally(right=6, expected=10, given=8)

    assert (tally.recall, tally.precision, tally.wrong_share) == (0.6, 0.75, 0.25)
    assert tally.f1 == pytest.approx(2 * 6 / 18)


def test_nothing_given_is_neither_right_nor_wrong():
    assert (Tally(0, 5, 0).f1, Tally(0, 5, 0).wrong_share, Tally().f1) == (0, 0, 0)


def test_a_family_counts_once_however_many_documents_it_has():
    many = [Scored("one", single=Tally(1, 1, 1)) for _ in range(9)]

    assert macro_f1([*many, Scored("other", cells=Tally(0, 1, 1))]) == (0.5, 2)


def test_a_document_is_right_only_if_nothing_is_missing_or_too_much():
    assert Scored(by_field={"a": Tally(1, 1, 1), "b": Tally(0, 0, 0)}).all_right
    assert not Scored(by_field={"a": Tally(1, 1, 1), "b": Tally(0, 0, 1)}).all_right


def test_rows_are_aligned_before_their_cells_are_judged():
    expected = [{"name": "bolt", "amount": 2}, {"name": "nut", "amount": 3}]
    found = [{"name": "shipping", "amount": 9}, {"name": "nut", "amount": 4}, {"name": "bolt", "amount": 2, "x": 1}]

    assert dict(rights_of_rows(EQUAL, {}, "lines[]", expected, found)) == {
        "[0].name": False,
        "[0].amount": False,
        "[1].name": True,
        "[1].amount": False,
        "[2].name": True,
        "[2].amount": True,
    }


def test_confidence_that_holds_has_no_error():
    assert calibration_error([(0.75, True)] * 3 + [(0.75, False)]) == 0
    assert calibration_error([(0.95, True)] * 2 + [(0.95, False)] * 2) == pytest.approx(0.45)


def test_confirmed_values_are_counted_with_the_wrong_ones_among_them():
    tally, silent = confirmed([(1.0, True), (0.99, False), (0.5, True), (0.2, False)])

    assert (tally.precision, tally.recall, silent) == (0.5, 0.5, 0.5)


def test_values_are_compared_by_the_types_of_their_schema():
    row = {"properties": {"amount": {"type": "number"}, "name": {"type": "string"}}}
    schema = {"properties": {"issued": {"type": "string", "format": "date"}, "lines": {"type": "array", "items": row}}}

    assert dict(kinds_of(schema)) == {"issued": "date", "lines[].amount": "number", "lines[].name": "text"}
