"""Who imports whom, in Python and in JavaScript, and where that goes round in a ring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, set[str]]
JS_IMPORT = re.compile(r"""(?:\bimport|\bexport)\b[^;'"]*?from\s*["'](\.[^"']+)["']|\bimport\s*["'](\.[^"']+)["']""")


def module_name(root: Path, file: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(root: Path, file: Path) -> str:
    """The package that relative imports of this file begin at."""
    name = module_name(root, file)
    return name if file.name == "__init__.py" else name.rpartition(".")[0]


def python_graph(root: Path, files: list[Path]) -> dict[str, set[str]]:
    """Imports that run when a module is loaded: neither those in functions nor those for types alone."""
    names = {module_name(root, file): file for file in files}
    graph: dict[str, set[str]] = {}
    for name, file in names.items():
        package = package_of(root, file)
        found = {target for node in imports_at_load(ast.parse(file.read_text())) for target in targets(node, package)}
        graph[name] = {known for target in found if (known := _known(target, names)) and known != name}
    return graph


def imports_at_load(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            stack += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            stack += ast.iter_child_nodes(node)


def imports_in_functions(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def targets(node: ast.Import | ast.ImportFrom, package: str) -> list[str]:
    """The dotted names that one statement imports; of `from a import b` both `a.b`, if there is one, and `a`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        parents = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*parents, *([node.module] if node.module else [])])
    return [f"{base}.{alias.name}" for alias in node.names]


def foreign_private_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Underscored names that this module takes from another one, by import or by attribute, each with its line."""
    own = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    own |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own:
            of_itself = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if not of_itself:
                yield node.lineno, node.attr


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _known(target: str, names: Mapping[str, Path]) -> str:
    """The module that is meant: the thing itself, or the module that it stands in."""
    if target in names:
        return target
    parent = target.rpartition(".")[0]
    return parent if parent in names else ""


def script_graph(folder: Path) -> dict[str, set[str]]:
    files = [file for file in folder.rglob("*.js") if "vendor" not in file.parts]
    graph = {}
    for file in files:
        found = (first or second for first, second in JS_IMPORT.findall(file.read_text()))
        graph[str(file.relative_to(folder))] = {
            str((file.parent / path).resolve().relative_to(folder.resolve())) for path in found
        }
    return graph


def rings(graph: Graph) -> list[list[str]]:
    """The strongly connected components of more than one node, by Tarjan's algorithm without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    for start in graph:
        if start in index:
            continue
        work = [(start, iter(sorted(graph[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        while work:
            node, following = work[-1]
            step = next((name for name in following if name in graph and (name not in index or name in stack)), None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = stack[stack.index(node) :]
                    del stack[stack.index(node) :]
                    if len(component) > 1:
                        found.append(sorted(component))
            elif step not in index:
                index[step] = low[step] = len(index)
                stack.append(step)
                work.append((step, iter(sorted(graph[step]))))
            else:
                low[node] = min(low[node], index[step])
    return found
