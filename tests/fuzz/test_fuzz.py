"""Every address of the URL configuration, asked with hostile values by people of every standing: no answer is a 5xx.

Each address gets the same number of requests, drawn from a seed, so a failure can be asked again. `FUZZ_REQUESTS=200
FUZZ_SEED=7 python -m pytest tests/fuzz` tries more and others than `make test` does.
"""

from __future__ import annotations

import os
import traceback

import pytest

from tests.fuzz.addresses import Address, addresses
from tests.fuzz.asking import Population, ask, draw

pytestmark = pytest.mark.django_db
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "5"))
SEED = os.environ.get("FUZZ_SEED", "")
# It answers 503 to say that no worker runs, which is true here.
UNWELL = {"extractions:healthz"}
GROUPS = ("admin:", "extractions:review", "extractions:new", "extractions:", "")
SHOWN = 1500
# What takes JSON or files of many shapes.
MORE = {"extractions:review_value": 12, "extractions:review": 4, "extractions:review_here": 4, "extractions:drafts": 4}


def of_group(group: str) -> list[Address]:
    """Those whose name begins so, without those of the groups before."""
    before = GROUPS[: GROUPS.index(group)]
    return [
        address
        for address in addresses()
        if address.name.startswith(group) and not address.name.startswith(tuple(before))
    ]


@pytest.mark.parametrize("group", GROUPS)
def test_no_request_is_answered_by_an_error(group):
    population, found = Population(), Findings()
    for address in of_group(group):
        for number in range(REQUESTS * MORE.get(address.name, 1)):
            found.look_at(address, draw(address, population, (SEED, address.pattern, number)), population)
    print(group, len(of_group(group)), found.statuses)
    assert not found.errors, "\n\n".join(f"{place}: {told}" for place, told in found.errors.items())


class Findings:
    """Errors by their place, the first of each with its request; printed as they come, for runs of an hour."""

    def __init__(self):
        self.errors, self.statuses = {}, {}

    def look_at(self, address, request, population):
        try:
            status = ask(population, request)
        except Exception as error:  # whatever it is, people would see a 500
            self.add((type(error).__name__, *_places(error)), f"{str(error)[:300]}\n    {request!r}")
            return
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status >= 500 and address.name not in UNWELL:
            self.add((status, address.name), repr(request))

    def add(self, place, told):
        if place not in self.errors:
            self.errors[place] = told[:SHOWN]
            print("FOUND", place, self.errors[place], flush=True)


def _places(error):
    """The last line of ours and the last of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename and "/tests/" not in frame.filename]
    return [f"{frame.filename}:{frame.lineno}" for frame in (*ours[-1:], frames[-1])]
