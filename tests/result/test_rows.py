"""Where rows stand once some of them are gone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractions.result.rows import RowEdits

REMOVED = st.sets(
    st.sampled_from([f"a[{row}]" for row in range(6)] + [f"a[{r}].b[{s}]" for r in range(6) for s in range(4)])
)


@given(REMOVED)
def test_each_row_that_is_left_has_its_own_place_and_is_found_there(removed):
    edits = RowEdits({}, removed)
    left = [f"a[{r}].b[{s}].c" for r in range(6) for s in range(4) if not edits.is_removed(f"a[{r}].b[{s}].c")]

    now = [edits.current(path) for path in left]

    assert [edits.identity(path) for path in now] == left
    # They close up, and keep their order.
    by_group: dict[str, int] = {}
    for path in now:
        group = path.partition(".")[0]
        assert path == f"{group}.b[{by_group.get(group, 0)}].c"
        by_group[group] = by_group.get(group, 0) + 1


def test_a_reader_sees_the_number_beside_the_row():
    edits = RowEdits({}, {"lines[0]", "groups[1]", "groups[2].lines[0]"})

    assert edits.row_number("lines[2].amount") == 2
    assert edits.row_number("groups[2].lines[3].amount") == 3
    assert edits.row_number("lines[0].amount") is None
    assert edits.row_number("total") is None


def test_what_is_stored_in_another_shape_is_left_out():
    stored = {"added": {"lines": "x", "tags": 2, "a": -1, "b": 10**9}, "removed": ["lines[0]", "lines", 5, None]}

    edits = RowEdits.read(stored)

    assert edits.added == {"tags": 2, "b": 10_000}
    assert edits.removed == {"lines[0]"}
    assert RowEdits.read(edits.as_json()) == edits
    assert RowEdits.read(None) == RowEdits.read([]) == RowEdits()
