from hypothesis import given, settings

from extractions.schemas.differences import Change, differences
from tests.schemas.strategies import SCHEMAS


def schema(**fields):
    return {"type": "object", "properties": fields}


TEXT, NUMBER = {"type": "string"}, {"type": "number"}


def told(before, after):
    return [(item.path, item.change, item.parts) for item in differences(before, after)]


def test_only_fields_that_differ_are_told_with_what_differs():
    before = schema(a=TEXT, b=TEXT, c=TEXT | {"description": "x"}) | {"required": ["c"]}
    after = schema(a=TEXT, b=NUMBER, c=TEXT | {"description": "y", "title": "C"}, d=TEXT)

    assert told(before, after) == [
        (("b",), Change.CHANGED, ("kind",)),
        (("c",), Change.CHANGED, ("title", "description", "required")),
        (("d",), Change.ADDED, ()),
    ]
    assert told(after, before)[-1] == (("d",), Change.REMOVED, ())


def test_a_moved_field_is_told_once_and_its_neighbours_are_not():
    assert told(schema(a=TEXT, b=TEXT, c=TEXT), schema(c=TEXT, a=TEXT, b=TEXT)) == [(("c",), Change.MOVED, ())]


def test_changes_within_groups_and_lists_have_their_path():
    lines = {"type": "array", "items": schema(amount=NUMBER)}
    more = {"type": "array", "items": schema(amount=NUMBER, unit=TEXT)}

    assert told(schema(lines=lines), schema(lines=more)) == [(("lines", "unit"), Change.ADDED, ())]


def test_values_and_what_the_form_does_not_show_are_reported():
    before = schema(a=TEXT | {"enum": ["x"]}, b=TEXT | {"x-hint": 1})
    after = schema(a=TEXT | {"enum": ["x", "y"]}, b=TEXT | {"x-hint": 2})

    assert told(before, after) == [(("a",), Change.CHANGED, ("choices",)), (("b",), Change.CHANGED, ("more",))]


@given(SCHEMAS)
@settings(max_examples=50)
def test_nothing_differs_from_itself(schema):
    assert differences(schema, schema) == []
