from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.house import graph, limits
from tests.running import ROOT

PACKAGES = ("portal", "extractions", "engine", "reading", "client")
ALSO = ("tests", "benchmarks")


def main() -> int:
    house = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["house"]
    shipped, everything = python_files(PACKAGES), python_files((*PACKAGES, *ALSO))
    faults = [
        *(f"ring of imports: {' -> '.join(ring)}" for ring in graph.rings(graph.python_graph(ROOT, everything))),
        *(f"ring of scripts: {' -> '.join(ring)}" for ring in graph.rings(graph.script_graph(ROOT / "static"))),
        *late_imports(shipped, house),
        *private_names(shipped, house),
        *too_long(everything, house),
        *too_much_any(shipped, house),
        *(f"the same {limits.BLOCK} lines: {one} and {two}" for one, two in limits.repeated_blocks(shipped)),
    ]
    for fault in faults:
        print(fault.replace(f"{ROOT}/", ""))
    print(f"{len(everything)} modules, {len(faults)} faults.")
    return 1 if faults else 0


def python_files(folders: tuple[str, ...]) -> list[Path]:
    """Those that git knows or would take; migrations are left as they were written."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *(f"{name}/*.py" for name in folders)]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    files = [ROOT / name for name in names if "/migrations/" not in name]
    return sorted({file for file in files if file.exists()})


def late_imports(files: list[Path], house: dict[str, Any]) -> Iterator[str]:
    """Imports inside functions, but for packages that are optional or heavy and for what an app's `ready` loads."""
    allowed = set(house["late_imports"])
    for file in files:
        package = graph.package_of(ROOT, file)
        for node in graph.imports_in_functions(ast.parse(file.read_text())):
            for target in graph.targets(node, package):
                parts = target.split(".")
                known = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
                if not known & allowed and file.name != "apps.py":
                    yield f"import inside a function: {file}:{node.lineno}: {target}"


def private_names(files: list[Path], house: dict[str, Any]) -> Iterator[str]:
    """Underscored names of other modules, but for those that Django, REST framework and Python mean to be used."""
    allowed = set(house["private_names"])
    for file in files:
        for line, name in graph.foreign_private_names(ast.parse(file.read_text())):
            if name not in allowed:
                yield f"private name of another module: {file}:{line}: {name}"


def too_long(files: list[Path], house: dict[str, Any]) -> Iterator[str]:
    longer = house["longer"]
    for file in files:
        name = str(file.relative_to(ROOT))
        lines = len(file.read_text().splitlines())
        if lines > house["longest_file"] and name not in longer:
            yield f"{lines} lines: {file}"
        for function, length in limits.long_functions(file, house["longest_function"]):
            if f"{name}:{function}" not in longer:
                yield f"{length} lines: {file}: {function}"


def too_much_any(files: list[Path], house: dict[str, Any]) -> Iterator[str]:
    share = limits.any_per_thousand(files)
    if share > house["any_per_thousand"]:
        yield f"Any on {share:.1f} of 1,000 lines, at most {house['any_per_thousand']}"


if __name__ == "__main__":
    sys.exit(main())
