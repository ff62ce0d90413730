from datetime import date
from decimal import Decimal

import pytest

from extractions.result.leaves import leaves, read_places
from extractions.result.paths import MAX_DEPTH


def test_every_value_has_a_path_in_the_order_of_the_data():
    data = {"total": 12.5, "lines": [{"name": "Tea", "amount": 3}, {"name": None}], "Invoice n° 1": "x", "tags": ["a"]}

    assert [(leaf.path, leaf.text) for leaf in leaves(data)] == [
        ("total", "12.5"),
        ("lines[0].name", "Tea"),
        ("lines[0].amount", "3"),
        ("lines[1].name", ""),
        ("Invoice n° 1", "x"),
        ("tags[0]", "a"),
    ]


def test_numbers_and_dates_are_known_as_such():
    data = {
        "price": 1234.5,
        "paid": True,
        "on": "2026-11-03",
        "at": "2026-11-03T10:00:00Z",
        "no": "2026-13-45",
        "n": "7",
    }

    found = {leaf.path: (leaf.text, leaf.number, leaf.date) for leaf in leaves(data)}

    assert found == {
        "price": ("1234.5", Decimal("1234.5"), None),
        "paid": ("true", None, None),
        "on": ("2026-11-03", None, date(2026, 11, 3)),
        "at": ("2026-11-03T10:00:00Z", None, date(2026, 11, 3)),
        "no": ("2026-13-45", None, None),
        "n": ("7", None, None),
    }


@pytest.mark.parametrize("value", [10**40, 1e300, -(10**25)])
def test_numbers_that_fit_no_column_stay_text(value):
    (leaf,) = leaves({"n": value})

    assert leaf.number is None
    assert leaf.text


def test_data_that_is_no_object_has_values_too():
    assert [(leaf.path, leaf.value) for leaf in leaves("text")] == [("", "text")]
    assert [leaf.path for leaf in leaves([1, [2]])] == ["[0]", "[1][0]"]
    assert list(leaves(None)) == list(leaves({})) == list(leaves([])) == []


def test_data_may_be_nested_deeper_than_python_likes():
    data = {"end": 1}
    for _ in range(5000):
        data = {"a": data}

    (leaf,) = leaves(data)

    assert leaf.path == ".".join("a" * MAX_DEPTH)
    assert list(leaf.value) == ["a"]
    assert leaf.text == "…"


def test_values_that_no_path_can_name_are_left_out():
    assert [leaf.path for leaf in leaves({"a" * 1001: 1, "b": 2})] == ["b"]


def test_values_have_the_places_of_the_service():
    locations = {
        "total": [{"page": 2, "bbox": [0.1, 0.2, 0.3, 0.25]}, {"page": 2, "bbox": [0.1, 0.3, 0.3, 0.35]}],
        "lines[0].name": [{"page": 1, "bbox": [0, 0, 1, 1]}],
    }

    found = {leaf.path: (leaf.page, leaf.boxes) for leaf in leaves({"total": 1, "lines": [{"name": "x"}]}, locations)}

    assert found == {
        "total": (2, [[0.1, 0.2, 0.3, 0.25], [0.1, 0.3, 0.3, 0.35]]),
        "lines[0].name": (1, [[0.0, 0.0, 1.0, 1.0]]),
    }


@pytest.mark.parametrize(
    ("places", "read"),
    [
        (None, (None, [])),
        ("x", (None, [])),
        ([{"page": 0, "bbox": [0, 0, 1, 1]}], (None, [])),
        ([{"page": True, "bbox": [0, 0, 1, 1]}], (None, [])),
        ([{"page": 1}], (1, [])),
        ({"page": 1, "bbox": [0, 0, 1, 1]}, (1, [[0, 0, 1, 1]])),
        ([{"page": 1, "bbox": [-1, 0.5, 2, 0.6]}], (1, [[0, 0.5, 1, 0.6]])),
        ([{"page": 1, "bbox": [0.5, 0, 0.5, 1]}], (1, [])),
        ([{"page": 1, "bbox": [0, 0, float("nan"), 1]}], (1, [])),
        ([{"page": 1, "bbox": ["0", 0, 1, 1]}], (1, [])),
        ([{"page": 1, "bbox": [0, 0, 1, 1]}, {"page": 2, "bbox": [0, 0, 1, 1]}], (1, [[0, 0, 1, 1]])),
    ],
)
def test_whatever_is_no_place_is_left_out(places, read):
    assert read_places(places) == read
