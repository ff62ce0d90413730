import pytest

from extractions.schemas.fields import Field, Kind, form_of, json_of
from extractions.schemas.lint import blocking, lint


def text(description="Printed at the top right", **more):
    return {"type": "string", "description": description} | more


def schema(**fields):
    return {"type": "object", "properties": fields}


def found(of):
    return [(finding.code, finding.path, finding.name) for finding in lint(form_of(of), of)]


def test_a_good_schema_has_no_findings():
    assert (
        found(schema(number=text(), lines={"type": "array", "description": "Articles", "items": schema(a=text())}))
        == []
    )


@pytest.mark.parametrize(
    ("of", "finding"),
    [
        (
            schema(
                a=text(),
            )
            | {"required": ["a", "b"]},
            ("required_missing", (), "b"),
        ),
        (schema(a=text() | {"enum": ["x", "y"], "context:descriptions": ["one"]}), ("lengths", ("a",), "2/1")),
        (schema(a={"type": "enum", "description": "Which of them", "enum": []}), ("no_values", ("a",), "")),
        (schema(a={"type": "money", "description": "Sum to pay"}), ("type", ("a",), "money")),
        (schema(a="string"), ("no_object", ("a",), "")),
        (schema(a={"type": "array", "description": "Articles"}), ("no_items", ("a",), "")),
        (schema(a={"type": "object", "description": "Who buys"}), ("properties", ("a",), "")),
        (schema(a=text() | {"description": 5}), ("description", ("a",), "")),
        (schema(a=text()) | {"required": "a"}, ("required_list", (), "")),
        (schema(**{" a": text()}), ("spaces", (), " a")),
        (schema(**{"": text()}), ("no_name", (), "")),
        (schema(**{"a\tb": text()}), ("control", (), "a\tb")),
        (schema(a=schema() | {"description": "Who buys", "required": ["c"]}), ("required_missing", ("a",), "c")),
        (
            schema(a={"type": "array", "description": "Articles", "items": schema(b=text()) | {"required": ["c"]}}),
            ("required_missing", ("a[]",), "c"),
        ),
    ],
)
def test_what_the_service_would_refuse_blocks_with_its_path(of, finding):
    assert finding in found(of)
    assert blocking(lint(form_of(of), of))


@pytest.mark.parametrize(
    ("of", "finding"),
    [
        (schema(total=text("The total")), ("says_less", ("total",), "")),
        (schema(totalAmount=text("total amount (number)")), ("says_less", ("totalAmount",), "")),
        (schema(total=text("")), ("says_less", ("total",), "")),
        (schema(total=text(), Total=text()), ("alike", ("Total",), "total")),
        (schema(numéro=text(), numero=text()), ("alike", ("numero",), "numéro")),
        (schema(**{"a.b": text()}), ("dots", ("a.b",), "a.b")),
        (schema(a=text() | {"enum": ["x", "x"]}), ("same_value", ("a",), "x")),
        (schema(a=schema() | {"description": "Who buys"}), ("empty_group", ("a",), "")),
    ],
)
def test_what_could_be_better_is_said_and_does_not_block(of, finding):
    assert finding in found(of)
    assert not blocking(lint(form_of(of), of))


def test_two_fields_of_one_name_are_seen_in_the_form_though_json_cannot_hold_them():
    form = Field("", Kind.GROUP, fields=(Field("a", description="Top right"), Field("a", description="Below")))

    assert ("same_name", (), "a") in [(item.code, item.path, item.name) for item in lint(form, json_of(form))]


def test_more_fields_and_levels_than_the_engine_takes_block():
    deep = text()
    for _level in range(13):
        deep = schema(a=deep) | {"description": "One level down"}
    many = schema(**{f"f{number}": text() for number in range(501)})

    assert "deep" in {code for code, _path, _name in found(deep)}
    assert ("many", (), "501") in found(many)


def test_a_schema_without_fields_blocks():
    assert found(schema()) == [("no_fields", (), "")]
