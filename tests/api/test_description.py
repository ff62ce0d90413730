"""The OpenAPI description is valid, complete, and true: whatever comes, the portal answers as it says it does.

STRANGE_REQUESTS says how many requests of each operation; a few hundred are a long look.
"""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.access.expected import EXPECTED
from tests.api.program import BASE
from tests.factories import State, make_classifier, make_content_image, make_extraction, make_schema

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = int(os.environ.get("STRANGE_REQUESTS", "6"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
JUDGING = {
    # Made-up bytes are no document, and no description can say what is in the document that a request is about.
    GenerationMode.POSITIVE: {"get": [positive_data_acceptance], "delete": [positive_data_acceptance], "post": []},
    GenerationMode.NEGATIVE: {method: [negative_data_rejection] for method in ("get", "delete", "post")},
}
HOW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
OPERATIONS = [
    ("get", "/extract/"),
    ("post", "/extract/"),
    ("get", "/extract/{id}/"),
    ("delete", "/extract/{id}/"),
    ("get", "/schema/"),
    ("post", "/schema/"),
    ("get", "/schema/{id}/"),
    ("get", "/document/{id}/"),
    ("get", "/images/{id}/"),
    ("get", "/x/classifier/"),
    ("get", "/api/v1/teams/"),
    ("get", "/api/v1/schemas/"),
    ("get", "/api/v1/schemas/{id}/"),
    ("get", "/api/v1/classifiers/"),
    ("get", "/api/v1/classifiers/{id}/"),
    ("get", "/api/v1/team-schemas/"),
    ("get", "/api/v1/team-schemas/{id}/"),
    ("get", "/api/v1/team-classifiers/"),
    ("get", "/api/v1/team-classifiers/{id}/"),
    ("get", "/api/v1/team-classifiers/{id}/test/"),
    ("post", "/api/v1/team-classifiers/{id}/test/"),
    ("get", "/api/v1/events/"),
    ("get", "/api/v1/exports/"),
    ("post", "/api/v1/exports/"),
    ("get", "/api/v1/exports/{id}/"),
    ("delete", "/api/v1/exports/{id}/"),
    ("get", "/api/v1/exports/{id}/file/"),
    ("get", "/api/v1/documents/"),
    ("get", "/api/v1/documents/{id}/"),
    ("post", "/api/v1/documents/{id}/values/"),
    ("post", "/api/v1/documents/{id}/review/"),
]


@pytest.fixture
def description(connect, alice, live_server):
    row = make_extraction(owner=alice, state=State.EXTRACTED, schema=make_schema())
    make_content_image(row, b"\xff\xd8\xff\xe0")
    make_classifier()
    description = schemathesis.openapi.from_url(live_server.url + "/api/openapi.json")
    description.config.update(headers={"Authorization": connect(alice).key})
    return description


def test_it_is_valid_and_names_every_operation(client, db):
    described = client.get("/api/openapi.json").json()

    validate(described)
    assert {
        (method, path.removeprefix(BASE)) for path, methods in described["paths"].items() for method in methods
    } == set(OPERATIONS)
    ours = [name for name in EXPECTED if name.startswith(("extractions:api:", "extractions:v1:"))]
    assert len({path for _method, path in OPERATIONS}) == len(ours)


@pytest.mark.parametrize("mode", list(JUDGING))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_described(description, method, path, mode):
    place = path if path.startswith("/api") else BASE + path

    @HOW
    @given(description[place][method.upper()].as_strategy(generation_mode=mode))
    def ask(case):
        case.call_and_validate(checks=CHECKS + JUDGING[mode][method])

    try:
        ask()
    except Unsatisfiable:  # any text is an id, so nothing can be wrong with it
        if mode is GenerationMode.POSITIVE:
            raise


def test_one_answer_leads_to_the_next_question(description):
    """Along the links between the operations: what was sent is asked for, and once more after it was deleted."""
    machine = description.as_state_machine()

    class Asking(machine):
        def validate_response(self, response, case, additional_checks=(), **_):
            case.validate_response(response, checks=CHECKS)

    Asking.run(settings=settings(HOW, max_examples=EXAMPLES, stateful_step_count=6))
