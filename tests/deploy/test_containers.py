"""The image, the compose file and the units name what is there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from tests.running import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
PARTS = {"up", "web", "worker", "engine", "manage", "upgrade"}
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
PORTAL = ("upgrade", "web", "worker")


def test_the_image_runs_scripts_that_are_there_and_may_be_run() -> None:
    named = set(re.findall(r"deploy/image/\w+\.sh", (ROOT / "Dockerfile").read_text()))
    assert named == {f"deploy/image/{path.name}" for path in (ROOT / "deploy" / "image").iterdir()}
    assert all(os.access(ROOT / name, os.X_OK) for name in named)


@pytest.mark.parametrize("name", PORTAL)
def test_settings_of_the_containers_are_documented(name: str) -> None:
    documented = (ROOT / "docs" / "settings.md").read_text()
    wanted = {setting.removesuffix("_FILE") for setting in COMPOSE["services"][name]["environment"]}
    assert {setting for setting in wanted if f"`{setting}`" not in documented} == set()


def test_the_portal_does_what_it_is_told_and_writes_where_it_may() -> None:
    for name in PORTAL:
        service = COMPOSE["services"][name]
        assert set(service["command"]) <= PARTS
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert set(service["secrets"]) <= set(COMPOSE["secrets"])


def test_the_engine_has_neither_the_database_nor_a_way_out() -> None:
    engine = COMPOSE["services"]["engine"]
    assert engine["secrets"] == ["engine_key"]
    assert engine["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_units_start_what_is_there_and_are_hardened(path: Path) -> None:
    unit = path.read_text()
    (started,) = re.findall(r"^ExecStart=/opt/portal/bin/(\S+) ?(\S*)", unit, re.MULTILINE)
    assert started[0] == "extraction-portal"
    assert started[1] in PARTS
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077"):
        assert f"\n{line}\n" in unit
