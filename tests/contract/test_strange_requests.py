"""Requests that nobody thought of: whatever comes, the engine answers as it says it does.

STRANGE_REQUESTS says how many of each operation; a few hundred are a long look.
"""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import UnsupportedSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.test_description import OPERATIONS
from tests.engine.running import KEY

OWN = [
    ("get", "/x/classifier/"),
    ("put", "/x/classifier/{id}/"),
    ("delete", "/x/classifier/{id}/"),
    ("get", "/x/health/"),
    ("post", "/x/extract/{id}/category/"),
    ("delete", "/x/extract/{id}/category/"),
]
LISTS = [("put", "/x/classifier/{id}/")]
"""What takes a list that is not empty and names nothing twice, which its description does not say."""
EXAMPLES = int(os.environ.get("STRANGE_REQUESTS", "15"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
JUDGING = {
    # Made-up bytes are no document, and a range may lie outside of it, which no description can say.
    GenerationMode.POSITIVE: [positive_data_acceptance],
    GenerationMode.NEGATIVE: [negative_data_rejection],
}
UPLOADS = [("post", "/extract/"), ("post", "/workflow/{id}/extract/")]
HOW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@pytest.fixture(scope="module")
def description(engine):
    description = schemathesis.openapi.from_url(engine.root + "/openapi.json")
    description.config.update(headers={"Authorization": KEY})
    return description


def test_every_operation_is_asked(description):
    described = {(operation.ok().method, operation.ok().path) for operation in description.get_all_operations()}

    assert described == set(OPERATIONS + OWN)


@pytest.mark.parametrize("mode", JUDGING)
@pytest.mark.parametrize(("method", "path"), OPERATIONS + OWN)
def test_every_answer_is_described(description, method, path, mode):
    if mode is GenerationMode.NEGATIVE and path == "/x/health/":
        pytest.skip("nothing is asked there, so nothing can be wrong with it")
    judging = [] if mode is GenerationMode.POSITIVE and (method, path) in [*UPLOADS, *LISTS] else JUDGING[mode]

    @HOW
    @given(description[path][method.upper()].as_strategy(generation_mode=mode))
    def ask(case):
        case.call_and_validate(checks=CHECKS + judging)

    try:
        ask()
    except UnsupportedSchema as error:  # now and then, of a schema within a schema
        if mode is GenerationMode.POSITIVE:
            raise
        pytest.skip(f"the library cannot say how to get this wrong: {error}")


def test_one_answer_leads_to_the_next_question(description):
    """Along the links between the operations: what was made is asked for, and once more after it was deleted."""
    # Without the links that the library infers for what callers name themselves: those it cannot draw twice alike.
    machine = description.exclude(path="/x/classifier/{id}/").as_state_machine()

    class Asking(machine):
        def validate_response(self, response, case, additional_checks=(), **_):
            case.validate_response(response, checks=CHECKS)

    Asking.run(settings=settings(HOW, max_examples=EXAMPLES, stateful_step_count=6))
