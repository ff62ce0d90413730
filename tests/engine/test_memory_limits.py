"""Under its limits a child reads what is read without them: a library that is refused memory answers wrongly."""

from __future__ import annotations

import json

import pytest
from django.conf import settings

from engine.accounts import SAMPLES
from engine.pipeline import Request, StepDone, run
from engine.processing import child_tasks
from reading.sandbox import SandboxPool
from tests.running import ROOT

DOCUMENTS = ROOT / "extractions" / "samples"
SCANS = {"facture-kerbrune-scan.pdf": "Invoice", "ticket-pennywhistle.jpg": "Receipt"}
RUNS = 2
"""The second finds the child with all that the first one left in it."""


@pytest.fixture
def children():
    with SandboxPool(
        1, memory_mb=settings.ENGINE_CHILD_MEMORY_MB, address_space_mb=settings.ENGINE_CHILD_ADDRESS_SPACE_MB
    ) as children:
        yield children


def request_for(name):
    schemas = json.loads((SAMPLES / "schemas.json").read_text(encoding="utf-8"))
    (schema,) = (schema["schema"] for schema in schemas if schema["name"] == SCANS[name])
    return Request(DOCUMENTS / name, schema=schema)


def results_of(events):
    results = {}
    for event in events:
        if isinstance(event, StepDone):
            results |= event.result
    return results["content"], results["extracted_data"]


def test_scans_are_read_under_the_limits_as_they_are_without(children, tmp_path):
    without = {name: results_of(run(request_for(name), cache_dir=tmp_path)) for name in SCANS}
    assert all(len(content) > 200 for content, _data in without.values())

    for _run in range(RUNS):
        for name, expected in without.items():
            assert results_of(children.run(child_tasks.extract, request_for(name), tmp_path, timeout=120)) == expected
