"""What `python -m tests` says of tests that fail."""

from __future__ import annotations

import sys

import pytest

from tests.__main__ import FEW, Run, execute, passes_alone

BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # they take seconds to start
ONCE = """
from pathlib import Path
import pytest
def test_of_a_busy_machine():
    seen = Path({seen!r})
    if not seen.exists():
        seen.touch()
        raise AssertionError("too late")
@pytest.mark.parametrize("odd", ["a::b[c] - d", "e"])
def test_that_holds(odd):
    pass
"""
ALWAYS = """
import pytest
@pytest.mark.parametrize("odd", ["a::b[c] - d"])
def test_that_is_broken(odd):
    assert not odd
"""


@pytest.fixture
def run_of(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tests"])

    def run_of(source: str) -> Run:
        (tmp_path / "test_of_a_kind.py").write_text(source)
        return Run(
            "of a kind", [str(tmp_path)], ["--rootdir", str(tmp_path), "-p", "no:cacheprovider"], environment=BARE
        )

    return run_of


def test_what_only_failed_beside_others_passes_alone(run_of, tmp_path):
    failure = execute(run_of(ONCE.format(seen=str(tmp_path / "seen"))), aloud=False)

    assert failure
    assert [name.partition("::")[2] for name in failure.tests] == ["test_of_a_busy_machine"]
    assert passes_alone(failure)


def test_what_is_broken_fails_again(run_of):
    failure = execute(run_of(ALWAYS), aloud=False)

    assert failure
    assert len(failure.tests) == 1
    assert not passes_alone(failure)


@pytest.mark.parametrize(
    "source",
    ["raise RuntimeError", "def test_nothing(unknown_fixture): pass", "import pytest\npytest.exit('gone', 3)", ""],
)
def test_what_cannot_run_fails(run_of, source):
    failure = execute(run_of(source), aloud=False)

    assert failure
    assert not passes_alone(failure)


def test_many_failures_are_not_tried_again(run_of, tmp_path):
    seen = tmp_path / "seen"
    source = f"""
import pytest, pathlib
@pytest.mark.parametrize("number", range({FEW + 1}))
def test_too_late(number):
    assert pathlib.Path({str(seen)!r}).exists()
"""
    failure = execute(run_of(source), aloud=False)
    seen.touch()

    assert failure
    assert len(failure.tests) == FEW + 1
    assert not passes_alone(failure)
