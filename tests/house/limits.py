"""Lengths, `Any`, and lines that stand twice."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

BLOCK = 12
"""Lines from which on a block may not stand twice."""
ANY = re.compile(r"\bAny\b")


def long_functions(file: Path, longest: int) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > longest:
                yield node.name, length


def any_per_thousand(files: list[Path]) -> float:
    """Lines with `Any` of a thousand lines of code; its import does not count."""
    lines = [line for file in files for line in file.read_text().splitlines()]
    with_any = [line for line in lines if ANY.search(line) and not line.startswith(("from typing", "import"))]
    return 1000 * len(with_any) / len(lines)


def repeated_blocks(files: list[Path]) -> list[tuple[str, str]]:
    """Pairs of places where the same BLOCK lines of code stand, each such place named by its first line."""
    places: dict[tuple[str, ...], list[tuple[Path, int]]] = defaultdict(list)
    for file in files:
        lines = [(number, line.strip()) for number, line in enumerate(file.read_text().splitlines(), 1)]
        code = [(number, line) for number, line in lines if line and not line.startswith(("#", "from ", "import "))]
        for at in range(len(code) - BLOCK + 1):
            window = tuple(line for _number, line in code[at : at + BLOCK])
            places[window].append((file, code[at][0]))
    found = []
    last: tuple[tuple[Path, int], ...] = ()
    for where in places.values():
        if len(where) > 1:
            if not _follows(last, where):
                found.append((f"{where[0][0]}:{where[0][1]}", f"{where[1][0]}:{where[1][1]}"))
            last = tuple(where)
    return found


def _follows(last: tuple[tuple[Path, int], ...], where: list[tuple[Path, int]]) -> bool:
    """Whether it is the block before, a few lines further down."""
    return len(last) >= 2 and all(
        before[0] == now[0] and 0 < now[1] - before[1] < BLOCK for before, now in zip(last, where, strict=False)
    )
