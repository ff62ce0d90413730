"""What the data is now, and which paths there are."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractions.result.json_text import MAX_NESTING, parse_json, storable, unpacked
from extractions.result.leaves import leaves
from extractions.result.rows import RowEdits
from extractions.result.schema import leaf_paths, schema_at, single_values
from extractions.result.tree import ResultTree, UnknownField, current_data

DATA = {
    "total": 1,
    "groups": [
        {"name": "a", "lines": [{"x": 1}, {"x": 2}]},
        {"name": "b", "lines": [{"x": 3}]},
        {"name": "c", "lines": [{"x": 4}, {"x": 5}]},
    ],
    "tags": ["red", "blue"],
}
SCHEMA = {
    "properties": {
        "total": {"type": "number"},
        "seller": {"type": ["object", "null"], "properties": {"name": {"type": "string"}}},
        "groups": {
            "type": "array",
            "items": {
                "properties": {
                    "name": {"type": "string"},
                    "lines": {"type": "array", "items": {"properties": {"x": {"type": "number"}}}},
                }
            },
        },
        "tags": {"type": "array", "items": {"type": "string"}},
    }
}


def test_a_row_that_holds_a_list_goes_with_it_and_the_next_keeps_its_own():
    assert current_data(DATA, [], RowEdits({}, {"groups[1]"}))["groups"] == [DATA["groups"][0], DATA["groups"][2]]


def test_a_row_within_a_row_goes_alone():
    now = current_data(DATA, [], RowEdits({}, {"groups[0].lines[1]", "groups[2].lines[0]"}))

    assert [[line["x"] for line in group["lines"]] for group in now["groups"]] == [[1], [3], [5]]


def test_rows_are_named_by_what_they_were_whatever_went_before_them():
    edits = RowEdits({"groups": 1, "groups[2].lines": 1, "tags": 1}, {"groups[0]", "groups[2].lines[0]", "tags[0]"})
    changes = [("groups[2].lines[2].x", 6), ("groups[3].name", "d"), ("tags[2]", "green"), ("groups[1].name", "B")]

    assert current_data(DATA, changes, edits, SCHEMA) == {
        "total": 1,
        "groups": [
            {"name": "B", "lines": [{"x": 3}]},
            {"name": "c", "lines": [{"x": 5}, {"x": 6}]},
            {"name": "d"},
        ],
        "tags": ["blue", "green"],
    }
    assert DATA["groups"][1]["name"] == "b"


def test_rows_that_never_were_are_left_out_and_cost_nothing():
    tracemalloc.start()
    now = current_data(DATA, [("groups[99999999].name", "x"), ("tags[400000000]", "x"), ("new[7].a", 1)], None, SCHEMA)
    _size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert now == DATA
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("path", "announced"),
    [
        ("total", True),
        ("seller.name", True),
        ("groups[0].name", True),
        ("groups[3].name", True),
        ("groups[2].lines[2].x", True),
        ("groups[3].lines[0].x", True),
        ("tags[2]", True),
        ("groups[4].name", False),
        ("groups[3].lines[1].x", False),
        ("groups[200000000].name", False),
        ("groups[0]", False),
        ("groups", False),
        ("groups[0].lines", False),
        ("seller", False),
        ("total.value", False),
        ("other", False),
        ("tags", False),
        ("", False),
        ("total[0]", False),
        ("a" * 5000, False),
        ("total" + ".a" * 3000, False),
        ("groups" + "[0]" * 3000, False),
    ],
)
def test_only_what_schema_and_data_announce_may_be_filled(path, announced):
    tree = ResultTree(DATA, SCHEMA)

    if announced:
        tree.check_value(path)
    else:
        with pytest.raises(UnknownField):
            tree.check_value(path)


def test_without_a_schema_the_data_announces_its_fields():
    tree = ResultTree(DATA)

    tree.check_value("groups[3].lines[0].x")
    tree.check_list("groups[1].lines")
    tree.check_row("tags[1]")
    for wrong in ("seller.name", "groups[0].y"):
        with pytest.raises(UnknownField):
            tree.check_value(wrong)
    for wrong in ("tags[2]", "groups", "groups[0].lines[9]", "total"):
        with pytest.raises(UnknownField):
            tree.check_row(wrong)


def test_names_may_hold_what_paths_are_written_with():
    data = {"Nr.": "5", "a.b": {"c.": 1}, "x[0]": 2}
    changes = [("Nr.", "6"), ("a.b.c.", 3), ("x[0]", 4)]

    for path, _value in changes:
        ResultTree(data).check_value(path)

    assert [leaf.path for leaf in leaves(data)] == [path for path, _value in changes]
    assert current_data(data, changes) == {"Nr.": "6", "a.b": {"c.": 3}, "x[0]": 4}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc.[", max_size=3), inner, max_size=3),
    max_leaves=20,
)
TREES = JSON.filter(lambda data: isinstance(data, dict | list))


@given(TREES, st.integers(1, 3))
@example({"": "\0"}, 1)
def test_data_that_comes_as_text_is_the_same_data(data, times):
    text: object = data
    for _time in range(times):
        text = json.dumps(text)

    assert unpacked(text) == storable(data)
    assert [leaf.path for leaf in leaves(text)] == [leaf.path for leaf in leaves(data)]
    path = next((leaf.path for leaf in leaves(data)), None)
    changes = [] if path is None else [(path, "changed")]
    assert current_data(text, changes) == current_data(storable(data), changes)


@given(TREES)
def test_nothing_changed_is_the_data_itself(data):
    assert current_data(data, [(leaf.path, leaf.value) for leaf in leaves(data)]) == data


@pytest.mark.parametrize("text", ["{", "[1", '"', "", "  ", "{]", "plain", "[" * 100_000, '"\\ud800"'])
def test_text_that_is_no_tree_stays_text(text):
    assert unpacked(text) == text


def test_numbers_that_no_computer_holds_are_kept_as_text():
    read = parse_json("[NaN, -Infinity, 1e9999999, " + "9" * 5000 + ", 12]")

    assert read == ["NaN", "-Infinity", "1e9999999", "9" * 5000, 12]
    json.dumps(read, allow_nan=False)


def test_data_nested_very_deep_is_kept_as_text_from_some_depth_on():
    read = parse_json("[" * 300 + "1" + "]" * 300)

    depth = 0
    while isinstance(read, list):
        (read,), depth = read, depth + 1
    assert depth == MAX_NESTING
    assert read == "[" * (300 - MAX_NESTING) + "1" + "]" * (300 - MAX_NESTING)


def test_one_walk_of_the_schema_answers_everything():
    assert list(leaf_paths(SCHEMA)) == ["total", "seller.name", "groups[].name", "groups[].lines[].x", "tags[]"]
    assert list(single_values(SCHEMA)) == [("total", False), ("seller.name", False)]
    assert schema_at(SCHEMA, "groups[7].lines[2].x") == {"type": "number"}
    assert schema_at(SCHEMA, "total.value") == {"type": "number"}
    assert schema_at(SCHEMA, "groups[7].lines[2].y") == schema_at(None, "a") == schema_at({"properties": 5}, "a") == {}


def test_a_value_or_nothing_is_the_value():
    optional = {"anyOf": [{"type": "object", "properties": {"name": {"type": "string"}}}, {"type": "null"}]}

    assert list(single_values({"required": ["a"], "properties": {"a": optional}})) == [("a.name", False)]
