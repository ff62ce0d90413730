"""For pytest: `-p tests.faults.plugin` takes away the rule that MUTANT names, once Django is set up."""

from __future__ import annotations

from tests.faults import mutations


def pytest_sessionstart() -> None:
    mutations.apply()
