"""Paths: read, written, and refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractions.result.paths import MAX_DEPTH, MAX_LENGTH, FieldPath, InvalidPath, general_path, without_rows

NAMES = st.text(alphabet="abc_ é-", min_size=1, max_size=6)
STEPS = st.lists(st.one_of(NAMES, st.integers(0, 10**8)), max_size=MAX_DEPTH).map(tuple)


@given(STEPS)
def test_what_was_written_is_read_again(steps):
    path = FieldPath(steps)

    assert FieldPath.parse(str(path)) == path


@given(st.text(alphabet="ab.[]0123", max_size=20))
def test_a_text_is_refused_or_means_itself(text):
    try:
        path = FieldPath.parse(text)
    except InvalidPath:
        return
    assert FieldPath.parse(str(path)) == path


def test_a_path_knows_what_it_is_made_of():
    path = FieldPath.parse("groups[1].lines[0].amount")

    assert path.steps == ("groups", 1, "lines", 0, "amount")
    assert (path.name, str(path.parent), path.is_row, path.parent.is_row) == (
        "amount", "groups[1].lines[0]", False, True,
    )  # fmt: skip
    assert [str(row) for row in path.rows] == ["groups[1]", "groups[1].lines[0]"]
    assert path.general == general_path(str(path)) == "groups[].lines[].amount"
    assert without_rows(str(path)) == without_rows(path.general) == "groups.lines.amount"


@pytest.mark.parametrize(
    "text",
    [
        ".a", "a.", "a..b", "a[", "a[]", "a[-1]", "a]b", "[1]b", "a[1]b", "a[1234567890]",
        "x" * (MAX_LENGTH + 1), ".".join("a" * (MAX_DEPTH + 1)), "[0]" * 300,
    ],
)  # fmt: skip
def test_what_is_no_path_is_refused(text):
    with pytest.raises(InvalidPath):
        FieldPath.parse(text)
