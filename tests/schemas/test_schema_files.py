import json
import time

import pytest

from extractions.schemas.fields import form_of
from extractions.schemas.lint import lint
from extractions.schemas.schema_files import (
    SchemaFile,
    Unreadable,
    canonical,
    read_file,
    read_schema,
    write_file,
    write_schema,
)

SCHEMA = {"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "number"}}}


def test_an_exported_file_comes_back_as_it_was():
    file = SchemaFile("Bail d’habitation", "Baux", "Loyers en €", SCHEMA)

    back = read_file(write_file(file).encode())

    assert back == file
    assert list(back.schema["properties"]) == ["b", "a"]


def test_a_bare_schema_and_one_with_a_byte_order_mark_are_read_too():
    bare = json.dumps(SCHEMA | {"title": "Lease"}).encode("utf-8-sig")

    assert read_file(bare).name == "Lease"


def test_a_schema_with_a_field_called_schema_is_no_envelope():
    of = {"type": "object", "properties": {}, "schema": "x"}

    assert read_file(json.dumps(of).encode()).schema == of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("[]", "no_object"),
        ('{"type": "string"}', "root"),
        ('{"type": "object"}', "properties"),
        ('{"type": "object", "properties": {"a": {}, "a": {}}}', "repeated"),
        ('{"type": "object",\n "properties": }', "syntax"),
        ("[" * 100_000, "deep"),
        ('{"type": "object", "properties": {}, "x": ' + "[" * 60 + "]" * 60 + "}", "deep"),
    ],
)
def test_what_cannot_be_read_is_named(text, code):
    with pytest.raises(Unreadable) as refused:
        read_schema(text)

    assert refused.value.code == code


def test_the_place_of_a_slip_is_reported():
    with pytest.raises(Unreadable) as refused:
        read_schema('{\n  "type": "object",\n  "properties": {,}\n}')

    assert (refused.value.line, refused.value.column) == (3, 18)


def test_the_name_that_is_there_twice_is_reported():
    with pytest.raises(Unreadable) as refused:
        read_schema('{"type": "object", "properties": {"total": {}, "total": {}}}')

    assert refused.value.name == "total"


def test_files_that_are_no_text_or_too_large_are_refused():
    for content, code in ((b"\xff\xfe\x00", "encoding"), (b" " * 1_100_000, "large")):
        with pytest.raises(Unreadable) as refused:
            read_file(content)
        assert refused.value.code == code


def test_the_order_of_keys_does_not_matter_to_the_service_but_is_kept():
    other = {"properties": {"a": {"type": "number"}, "b": {"type": "string"}}, "type": "object"}

    assert canonical(other) == canonical(SCHEMA)
    assert write_schema(other) != write_schema(SCHEMA)


BOMBS = {
    "many names": ",".join(f'"a{number}":{{}}' for number in range(70_000)),
    "a name twice": ",".join([*(f'"a{number}":1' for number in range(80_000)), '"a79999":2']),
    "many values": '"k":{"type":"enum","enum":[' + ",".join(["1"] * 400_000) + "]}",
}


@pytest.mark.parametrize("properties", BOMBS.values(), ids=BOMBS)
def test_a_megabyte_of_short_values_is_refused_in_no_time(properties):
    began = time.process_time()

    with pytest.raises(Unreadable):
        read_schema('{"type":"object","properties":{' + properties + "}}")

    assert time.process_time() - began < 5


def test_the_largest_that_is_read_costs_little():
    enum = {"type": "enum", "description": "Number of the account", "enum": [number % 9 for number in range(15_000)]}
    names = {f"a{number}": {} for number in range(2_400)}
    schema = read_schema(json.dumps({"type": "object", "properties": {"k": enum, **names}}))
    began = time.process_time()

    assert lint(form_of(schema), schema)

    assert time.process_time() - began < 5
