import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.schema_language import validation_errors
from extractions.schemas import operations
from extractions.schemas.fields import Choice, Field, Kind, form_of, json_of
from tests.schemas.strategies import NAMES, SCHEMAS, WORDS

KINDS = [kind for kind in Kind if kind is not Kind.OTHER]


def exact(schema):
    """With the order of keys, and 1 apart from true."""
    return json.dumps(schema)


@given(SCHEMAS)
@settings(max_examples=150)
def test_a_schema_passes_through_the_form_unchanged(schema):
    form = form_of(schema)

    assert exact(json_of(form)) == exact(schema)
    assert form_of(json_of(form)) == form
    assert validation_errors(json_of(form)) == []


@st.composite
def edits(draw, form):
    """The form after a person has changed one field of it in every way."""
    places = [at for at, _field in form.walk()]
    if not places:
        return operations.add(form, (), Field(draw(NAMES), draw(st.sampled_from(KINDS[:5]))))
    at = draw(st.sampled_from(places))
    match draw(st.sampled_from(["change", "remove", "duplicate", "shift", "move", "add"])):
        case "remove":
            return operations.remove(form, at)
        case "duplicate":
            return operations.duplicate(form, at)
        case "shift":
            return operations.shift(form, at, draw(st.integers(-2, 2)))[0]
        case "move":
            return operations.move(form, at, draw(st.sampled_from(places)))[0]
        case "add":
            return operations.add(form, at[:-1])
    changed = draw(changes(operations.field_at(form, at), operations.field_at(form, at[:-1]).fields))
    return operations.replace_at(form, at, changed)


@st.composite
def changes(draw, field, siblings):
    kind = draw(st.sampled_from(KINDS))
    fields = field.fields if kind is Kind.GROUP else ()
    choices = draw(st.lists(st.builds(Choice, WORDS, WORDS), min_size=1, max_size=3)) if kind is Kind.CHOICE else ()
    return replace(
        field,
        name=operations.unused_name(draw(NAMES), tuple(item for item in siblings if item is not field)),
        kind=kind,
        many=draw(st.booleans()),
        title=draw(WORDS),
        description=draw(WORDS),
        required=draw(st.booleans()),
        choices=tuple(choices),
        fields=fields,
        dangling=field.dangling if fields else (),
    )


@given(st.data())
@settings(max_examples=200)
def test_what_is_edited_in_the_form_is_what_the_json_says_and_the_engine_accepts_it(data):
    form = form_of(data.draw(SCHEMAS))
    for _edit in range(data.draw(st.integers(1, 4))):
        form = data.draw(edits(form))

    schema = json_of(form)

    assert form_of(schema) == form
    assert exact(json_of(form_of(schema))) == exact(schema)
    assert validation_errors(schema) == []


def test_both_forms_of_enumeration_stay_as_they_are_when_a_value_is_added():
    for kind in ("enum", "string"):
        form = form_of({"type": "object", "properties": {"size": {"type": kind, "enum": ["S"]}}})
        size = replace(form.fields[0], choices=(Choice("S"), Choice("L", "large")))

        written = json_of(replace(form, fields=(size,)))["properties"]["size"]

        assert written == {"type": kind, "enum": ["S", "L"], "context:descriptions": ["", "large"]}


def test_a_renamed_field_stays_required_in_its_place():
    form = form_of(
        {"type": "object", "required": ["b", "a"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    )

    renamed = operations.replace_at(form, (1,), replace(form.fields[1], name="c"))

    assert json_of(renamed)["required"] == ["c", "a"]


def test_a_removed_field_is_not_required_any_more_but_an_unknown_name_stays_for_the_person_to_see():
    form = form_of({"type": "object", "required": ["a", "ghost"], "properties": {"a": {"type": "string"}}, "x": 1})

    assert json_of(operations.remove(form, (0,))) == {"type": "object", "required": ["ghost"], "properties": {}, "x": 1}


def test_what_the_form_does_not_know_is_kept_and_can_still_be_named_and_described():
    union = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    form = form_of({"type": "object", "properties": {"a": union, "b": "nonsense", "c": {"type": ["string", "null"]}}})

    described = operations.replace_at(form, (0,), replace(form.fields[0], name="d", description="Any text"))

    assert {field.kind for field in form.fields} == {Kind.OTHER}
    assert json_of(described)["properties"] == {
        "d": {"description": "Any text", **union},
        "b": "nonsense",
        "c": {"type": ["string", "null"]},
    }


def test_a_field_moves_into_a_group_and_out_again():
    form = form_of(
        {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "buyer": {"type": "object", "properties": {"name": {"type": "string"}}},
                "total": {"type": "number"},
            },
        }
    )

    inside, at = operations.move(form, (0,), (1, 1))
    assert at == (0, 1)
    assert [field.name for field in inside.fields[0].fields] == ["name", "name_2"]

    outside, at = operations.move(inside, at, (2,))
    assert at == (2,)
    assert [field.name for field in outside.fields] == ["buyer", "total", "name_2"]


def test_a_group_does_not_move_into_itself():
    form = form_of({"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}})

    assert operations.move(form, (0,), (0, 0)) == (form, (0,))
