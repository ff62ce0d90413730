"""What the documents tell people to run or to open exists."""

from __future__ import annotations

import re
from importlib.util import find_spec

from django.core.management import get_commands

from tests.docs.documents import all_documents, mentions
from tests.running import ROOT

FOLDERS = (
    "portal",
    "extractions",
    "engine",
    "reading",
    "client",
    "tests",
    "benchmarks",
    "docs",
    "deploy",
    "static",
    "templates",
    "locale",
)


def test_targets_of_make_exist():
    named = mentions(r"(?:^|[\s=])make ([a-z][\w-]*)")
    makefile = (ROOT / "Makefile").read_text()

    assert named
    assert not [pair for pair in named if not re.search(rf"^{pair[1]}:", makefile, re.MULTILINE)]


def test_management_commands_exist():
    named = mentions(r"manage\.py ([a-z_]+)")

    assert named
    assert not [pair for pair in named if pair[1] not in get_commands()]


def test_modules_that_are_run_exist():
    named = mentions(r"python -m ([\w.]+)")

    assert named
    assert not [pair for pair in named if find_spec(pair[1]) is None]


def test_commands_of_the_engine_exist():
    named = mentions(r"python -m engine ([a-z]+)")
    source = "".join((ROOT / "engine" / name).read_text() for name in ("commands.py", "read_command.py"))
    there = set(re.findall(r'add_parser\(\s*"(\w+)"', source))

    assert named
    assert not [pair for pair in named if pair[1] not in there]


def test_benchmarks_exist():
    lists = mentions(r"python -m benchmarks((?: [a-z_]+)+)")
    named = [(page, name) for page, names in lists for name in names.split()] + mentions(r"\bbenchmarks\.([a-z_]+)")

    assert named
    programs = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    programs |= {path.parent.name for path in (ROOT / "benchmarks").glob("*/__main__.py")}
    assert not [pair for pair in named if pair[1] not in programs]


def test_files_of_the_project_exist():
    """Also a name or the end of a path, such as `kinds.py`, is that of some file."""
    there = {f"/{path.relative_to(ROOT)}" for folder in FOLDERS for path in (ROOT / folder).rglob("*")}
    ours = re.compile(rf"(?:{'|'.join(FOLDERS)})(?:/[\w.-]+)+/?|[\w/-]+\.(?:py|js)")
    named = {(each.name, span) for each in all_documents() for span in each.spans if ours.fullmatch(span)}

    assert named
    assert not {
        (page, name)
        for page, name in named
        if name != "manage.py" and not any(path.endswith(f"/{name.rstrip('/')}") for path in there)
    }
