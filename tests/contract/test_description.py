"""The descriptions that engine and portal serve of themselves, compared with the contract."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from openapi_spec_validator import validate

from extractions.api.urls import DescriptionView
from tests.api.program import BASE, NOT_OFFERED
from tests.contract.contract import contract, operation, resolved, response
from tests.running import PATIENCE

CERTAIN = {"seed", "docs"}
OPERATIONS = [
    (method, path)
    for path, operations in contract()["paths"].items()
    for method in operations
    if method in ("get", "post", "delete")
]


MORE_CODES = {
    # Told where the contract is silent: of wrong parameters.
    "engine": {"400", "404"},
    # Also of rights, limits, legal holds, keys of requests, and a worker that does not answer in time.
    "portal": {"400", "403", "404", "409", "410", "415", "422", "429", "503"},
}
MORE_PARAMETERS = {"engine": set(), "portal": {("/images/{id}/", "number")}}

MORE_MEDIA_TYPES = {"engine": set(), "portal": {"image/png"}}
"""Whatever pictures the service of a portal may cut out."""


class Description(dict[str, Any]):
    """The OpenAPI description of `whose`."""

    whose: str


@pytest.fixture(scope="module", params=["engine", "portal"])
def served(request) -> Description:
    description = DESCRIBED[request.param](request)
    description.whose = request.param
    return description


def of_the_engine(request) -> Description:
    answer = requests.get(request.getfixturevalue("engine").root + "/openapi.json", timeout=PATIENCE)
    answer.raise_for_status()
    return Description(answer.json())


def of_the_portal(_request) -> Description:
    """The dialect's part of /api/openapi.json."""
    generated = SchemaGenerator(urlconf=DescriptionView.urlconf).get_schema(request=None, public=True)
    described = json.loads(OpenApiJsonRenderer().render(generated))
    paths = {path: methods for path, methods in described["paths"].items() if path.startswith(BASE)}
    return Description(described | {"paths": {path.removeprefix(BASE): methods for path, methods in paths.items()}})


DESCRIBED = {"engine": of_the_engine, "portal": of_the_portal}


def lacks(served: Description, method: str, path: str) -> bool:
    return served.whose == "portal" and (method, path) in NOT_OFFERED


def skip_if_missing(served: Description, method: str, path: str) -> None:
    if lacks(served, method, path):
        pytest.skip("a portal offers no making of schemas and no workflows")


def follow(description: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """What a part of a description refers to."""
    while "$ref" in part:
        part = description["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
    return part


def allowed(description: dict[str, Any], schema: dict[str, Any]) -> tuple[set[str], set[Any]]:
    """The types and the choices of a schema, however they are written down."""
    schema = follow(description, schema)
    kinds = schema.get("type", [])
    types = {kinds} if isinstance(kinds, str) else set(kinds)
    choices = set(schema.get("enum", []))
    for alternative in schema.get("oneOf", []) + schema.get("anyOf", []) + schema.get("allOf", []):
        more_types, more_choices = allowed(description, alternative)
        types, choices = types | more_types, choices | more_choices
    return types, choices - {None}


def is_certain(part: dict[str, Any], inherited: bool = True) -> bool:
    sources = part.get("x-source", [])
    return bool(CERTAIN & {sources} if isinstance(sources, str) else CERTAIN & set(sources)) if sources else inherited


def test_it_is_valid_openapi_31(served):
    validate(served)
    assert served["openapi"].startswith("3.1")
    assert served["info"]["version"] == contract()["info"]["version"]


def test_both_have_the_same_paths(served):
    ours = {(method, path) for path, methods in served["paths"].items() for method in methods}

    assert {pair for pair in ours if not pair[1].startswith("/x/")} == {
        pair for pair in OPERATIONS if not lacks(served, *pair)
    }


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_operations_have_the_same_name_parameters_and_codes(served, method, path):
    skip_if_missing(served, method, path)
    written, ours = operation(method, path), served["paths"][path][method]

    assert ours["operationId"] == written["operationId"]
    assert ours["security"] == contract()["security"]
    parameters = [resolved(item) for item in written.get("parameters", [])]
    ours_in_query = {item["name"]: item for item in ours.get("parameters", []) if item["in"] == "query"}
    more = {name for place, name in MORE_PARAMETERS[served.whose] if place == path}
    assert set(ours_in_query) == {item["name"] for item in parameters} | more
    for item in parameters:
        mine = ours_in_query[item["name"]]["schema"]
        assert mine["type"] == item["schema"]["type"]
        # An empty parameter is csv: the documentation says so, its enumeration does not.
        assert set(mine.get("enum", [])) - {""} == set(item["schema"].get("enum", []))
    certain = {
        code for code, part in written["responses"].items() if is_certain(resolved(part)) and code not in ("202", "302")
    }
    assert certain <= set(ours["responses"])
    assert set(ours["responses"]) <= set(written["responses"]) | MORE_CODES[served.whose]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_have_the_same_media_types(served, method, path):
    skip_if_missing(served, method, path)
    for code, part in served["paths"][path][method]["responses"].items():
        if code in operation(method, path)["responses"]:
            written = set(response(method, path, int(code)).get("content", {}))
            assert set(part.get("content", {})) <= written | MORE_MEDIA_TYPES[served.whose], code


@pytest.mark.parametrize(
    "name", ["Extract", "ExtractListItem", "ExtractListItemSchema", "ContentImage", "ExtractSchema"]
)
def test_objects_have_the_same_fields_types_and_choices(served, name):
    written, ours = contract()["components"]["schemas"][name], served["components"]["schemas"][name]
    certain = {field for field, part in written["properties"].items() if is_certain(part, is_certain(written))}
    certain -= {"id"} if name == "ContentImage" else set()  # seen in a webhook only

    assert certain <= set(ours["properties"])
    assert {field for field in ours["properties"] if not field.startswith("x_")} <= set(written["properties"])
    for field in certain - {"content_images", "results"}:
        types, choices = allowed(contract(), written["properties"][field])
        our_types, our_choices = allowed(served, ours["properties"][field])
        if types:
            assert our_types <= types, field
        assert our_choices == choices, field


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/extract/", "ExtractRequest"),
        ("/workflow/{id}/extract/", "WorkflowExtractRequest"),
        ("/schema/", "ExtractSchemaRequest"),
    ],
)
def test_what_is_sent_has_the_same_fields(served, path, name):
    skip_if_missing(served, "post", path)
    written = contract()["components"]["schemas"][name]
    [(media_type, content)] = served["paths"][path]["post"]["requestBody"]["content"].items()
    ours = follow(served, content["schema"])

    assert media_type in operation("post", path)["requestBody"]["content"]
    # What begins with x_ is the engine's own.
    assert {name for name in ours["properties"] if not name.startswith("x_")} == set(written["properties"])
    assert set(ours["required"]) == set(written["required"])


def test_the_key_is_described_as_documented(served):
    written = contract()["components"]["securitySchemes"]["tokenAuth"]
    ours = served["components"]["securitySchemes"]["tokenAuth"]

    assert {name: ours[name] for name in ("type", "in", "name")} == {
        name: written[name] for name in ("type", "in", "name")
    }
