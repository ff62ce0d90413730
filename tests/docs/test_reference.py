"""The reference is complete: addresses, commands, programs, targets, metrics, benchmarks."""

from __future__ import annotations

import inspect
import re

from django.core.management import get_commands
from django.urls import URLPattern, get_resolver

from extractions.monitoring import metrics
from tests.access.expected import EXPECTED
from tests.access.routes import OURS
from tests.docs.documents import document
from tests.running import ROOT

REFERENCE = document("docs/reference.md")
WORDS = {"pk": "ID", "key": "KEY", "first": "NUMBER"}
TO_OTHERS = {"/accounts/", "/admin/"}


def addresses(patterns=None, prefix="/", space=""):
    """The name and the address of each of our routes, as the reference writes it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        place = prefix + re.sub(
            r"<\w+:(\w+)>", lambda found: WORDS.get(found[1], found[1].upper()), str(pattern.pattern)
        )
        if isinstance(pattern, URLPattern):
            if pattern.callback.__module__.startswith(OURS):
                yield f"{space}{pattern.name}", place
        elif pattern.namespace != "admin":
            below = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, place, below)


def documented_addresses():
    return {re.sub(r"\?.*", "", span) for span in REFERENCE.spans if span.startswith("/")}


def test_every_address_that_answers_a_get_is_documented():
    wanted = {place for name, place in addresses() if EXPECTED[name].get is not None}

    assert wanted
    assert not wanted - documented_addresses()


def test_every_documented_address_exists():
    there = {place for _name, place in addresses()}

    assert not documented_addresses() - there - TO_OTHERS


def test_every_management_command_is_documented():
    ours = {name for name, app in get_commands().items() if str(app).startswith(("portal", "extractions"))}

    assert ours
    assert not {name for name in ours if not re.search(rf"\| `manage\.py {name}\b", REFERENCE.text)}


def test_every_command_of_the_engine_is_documented():
    source = "".join((ROOT / "engine" / name).read_text() for name in ("commands.py", "read_command.py"))
    names = set(re.findall(r'add_parser\(\s*"(\w+)"', source))

    assert "serve" in names
    assert "read" in names
    assert not {name for name in names if f"`python -m engine {name}" not in REFERENCE.text}


def test_every_target_of_make_is_documented():
    targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()

    assert "run" in targets
    for page in (REFERENCE, document("CONTRIBUTING.md")):
        assert not {target for target in targets if f"`make {target}`" not in page.text}, page.name


def test_metrics_are_documented_and_exist():
    documented = set(re.findall(r"`(portal_\w+)`", document("docs/operate.md").text))

    assert documented == set(re.findall(r'"(portal_\w+)"', inspect.getsource(metrics)))


def test_every_benchmark_is_documented():
    names = {path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py")}
    measurements = document("docs/measurements.md").text

    assert "million" in names
    assert not {name for name in names if f"| `benchmarks.{name}` |" not in measurements}
