"""The checks of `python -m tests.house` find what they look for."""

import ast
from pathlib import Path

import pytest

from tests.house import graph, limits


def write(folder: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return [folder / name for name in files]


@pytest.mark.parametrize(
    "statement",
    ["import house.b", "from house import b", "from . import b", "from .b import x", "from house.b import x"],
)
def test_a_ring_of_modules_is_found_however_it_is_imported(tmp_path, statement):
    files = write(tmp_path, {"house/__init__.py": "", "house/a.py": statement, "house/b.py": "from house.a import y"})

    assert graph.rings(graph.python_graph(tmp_path, files)) == [["house.a", "house.b"]]


def test_imports_for_types_and_in_functions_make_no_ring(tmp_path):
    late = "if TYPE_CHECKING:\n    from house import b\ndef f():\n    from house import b"
    files = write(tmp_path, {"house/__init__.py": "", "house/a.py": late, "house/b.py": "from house import a"})

    assert graph.rings(graph.python_graph(tmp_path, files)) == []
    assert graph.python_graph(tmp_path, files)["house.b"] == {"house.a"}


def test_two_rings_that_share_no_module_are_two(tmp_path):
    scripts = {
        "a.js": 'import { b } from "./b.js";',
        "b.js": "import './deep/c.js';",
        "deep/c.js": 'export { a } from "../a.js";',
        "d.js": 'import {\n  e,\n} from "./e.js";',
        "e.js": 'import * as d from "./d.js";',
        "f.js": 'import { a } from "./a.js";',
    }
    write(tmp_path, scripts)

    found = graph.rings(graph.script_graph(tmp_path))

    assert sorted(found) == [["a.js", "b.js", "deep/c.js"], ["d.js", "e.js"]]


def test_a_block_that_stands_twice_is_found_once(tmp_path):
    block = "\n".join(f"value_{number} = {number}" for number in range(limits.BLOCK + 3))
    files = write(tmp_path, {"a.py": f"first = 1\n{block}\n", "b.py": f"{block}\nlast = 1\n"})

    assert limits.repeated_blocks(files) == [(f"{files[0]}:2", f"{files[1]}:1")]


def test_a_shorter_block_is_none(tmp_path):
    block = "\n".join(f"value_{number} = {number}" for number in range(limits.BLOCK - 1))
    files = write(tmp_path, {"a.py": f"{block}\nfirst = 1", "b.py": f"{block}\nsecond = 2"})

    assert limits.repeated_blocks(files) == []


def test_private_names_of_other_modules_are_found_and_ones_own_are_not():
    source = """
from house.a import _taken, __version__, free
class Own:
    def __init__(self, other):
        self._mine = other._theirs
    def _verb(self):
        return self._inherited
def same_module(own: Own):
    return own._mine, own._verb(), own.__class__
"""

    assert list(graph.foreign_private_names(ast.parse(source))) == [(2, "_taken"), (5, "_theirs")]


def test_lengths_and_shares(tmp_path):
    body = "\n".join("    pass" for _number in range(5))
    (file,) = write(tmp_path, {"a.py": f"from typing import Any\ndef long(x: Any):\n{body}\ndef short():\n    pass\n"})

    assert list(limits.long_functions(file, 4)) == [("long", 6)]
    assert limits.any_per_thousand([file]) == pytest.approx(1000 / 9)
