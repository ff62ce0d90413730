"""Requests that nobody thought of: whatever comes, the engine answers as it says it does."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.contract.test_description import OPERATIONS
from tests.engine.running import KEY

OWN = [
    ("get", "/x/classifier/"),
    ("get", "/x/health/"),
    ("post", "/x/extract/{id}/category/"),
    ("delete", "/x/extract/{id}/category/"),
]
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def description(engine):
    return schemathesis.openapi.from_url(engine.root + "/openapi.json")


def test_every_operation_is_asked(description):
    described = {(operation.ok().method, operation.ok().path) for operation in description.get_all_operations()}

    assert described == set(OPERATIONS + OWN)


@pytest.mark.parametrize(("method", "path"), OPERATIONS + OWN)
def test_every_answer_is_described(description, method, path):
    @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(description[path][method.upper()].as_strategy())
    def ask(case):
        case.call_and_validate(headers={"Authorization": KEY}, checks=CHECKS)

    ask()
