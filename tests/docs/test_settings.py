"""The table of settings is what the programs read from the environment."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.documents import all_documents, document
from tests.running import ROOT

SETTINGS = document("docs/settings.md")
SOURCES = ("portal/settings.py", "engine/settings.py")
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([^|]+) \|", re.MULTILINE)
OF_OTHERS = {"DJANGO_SETTINGS_MODULE", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_HEADERS"}
OF_TESTS = re.compile(r'environ(?:\.get\(|\[)"([A-Z_]+)"')


def calls_of(source):
    """The calls such as `env.int("WEB_THREADS", default=8)`."""
    for node in ast.walk(ast.parse((ROOT / source).read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            name, of = node.args[0], node.func.value
            if isinstance(of, ast.Name) and of.id == "env" and isinstance(name, ast.Constant):
                yield node


def settings_of(source):
    return {call.args[0].value for call in calls_of(source)}


def defaults_of(source):
    """Those that are written down as they are; not what is put together from other settings, and not what is empty."""
    for call in calls_of(source):
        for keyword in call.keywords:
            if keyword.arg == "default":
                try:
                    default = ast.literal_eval(keyword.value)
                except ValueError:
                    continue
                if default not in ("", []):
                    yield call.args[0].value, default


def as_documented(default):
    if isinstance(default, list):
        return ",".join(f"{item:g}" if isinstance(item, float) else str(item) for item in default)
    return (
        str(default).lower()
        if isinstance(default, bool)
        else f"{default:g}"
        if isinstance(default, float)
        else str(default)
    )


@pytest.mark.parametrize("source", SOURCES)
def test_every_setting_is_documented(source):
    names = settings_of(source)

    assert names
    assert not names - dict(ROW.findall(SETTINGS.text)).keys()


def test_every_documented_setting_exists():
    known = {name for source in SOURCES for name in settings_of(source)}

    assert not dict(ROW.findall(SETTINGS.text)).keys() - known


@pytest.mark.parametrize("source", SOURCES)
def test_documented_defaults_are_the_real_ones(source):
    documented = dict(ROW.findall(SETTINGS.text))
    told = {name: (documented[name].strip("` "), as_documented(default)) for name, default in defaults_of(source)}

    assert told
    described = {"EMAIL_URL": "printed to the log"}
    assert {name: pair for name, pair in told.items() if pair[0] not in (pair[1], described.get(name))} == {}


def test_every_variable_that_a_document_sets_exists():
    known = {name for source in SOURCES for name in settings_of(source)}
    known |= {f"{name}_FILE" for name in {*known, "NAME"}} | OF_OTHERS
    for folder in ("tests", "benchmarks", "client"):
        for path in (ROOT / folder).rglob("*.py"):
            known |= set(OF_TESTS.findall(path.read_text()))

    named = {
        (each.name, name)
        for each in all_documents()
        for line in each.code
        for name in (*re.findall(r"(?<![\w$?&])([A-Z][A-Z_]{2,})=", line), *re.findall(r"^([A-Z]+(?:_[A-Z]+)+)$", line))
    }

    assert named
    assert not {(page, name) for page, name in named if name not in known}
