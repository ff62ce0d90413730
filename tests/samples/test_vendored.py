import hashlib
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
FOLDERS = [STATIC / "vendor", ROOT / "tests" / "browser" / "vendor"]
ROW = re.compile(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", re.MULTILINE)
SVG = "{http://www.w3.org/2000/svg}"


def record(folder: Path) -> dict[str, str]:
    return dict(ROW.findall((folder / "README.md").read_text(encoding="utf-8")))


@pytest.mark.parametrize("folder", FOLDERS, ids=["site", "tests"])
def test_vendored_files_are_as_recorded(folder):
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in record(folder)}

    assert found == record(folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=["site", "tests"])
def test_no_vendored_file_is_missing_from_the_record(folder):
    ours = {"README.md", "make_icons.py"}
    present = {path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("LICENCE")}

    assert present - ours == {name for name in record(folder) if not name.startswith("..")}


def test_no_vendored_file_names_a_source_map():
    for path in (STATIC / "vendor").glob("*.min.*"):
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8")


def test_sprite_has_each_icon_once_and_drawn():
    symbols = ElementTree.parse(STATIC / "icons.svg").getroot().findall(f"{SVG}symbol")
    names = [symbol.get("id") for symbol in symbols]

    assert len(names) == len(set(names))
    assert "logo" in names
    assert all(len(symbol) and symbol.get("viewBox") == "0 0 24 24" for symbol in symbols)


def test_favicon_is_an_svg():
    assert ElementTree.parse(STATIC / "favicon.svg").getroot().tag == f"{SVG}svg"
