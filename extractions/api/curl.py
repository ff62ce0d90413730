"""A command line for each operation, ready to be pasted."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

Node = Mapping[str, Any]
SAMPLES = {"uuid": "00000000-0000-0000-0000-000000000000", "date-time": "2026-11-30T12:00:00Z", "date": "2026-11-30"}
LONGEST_LINE = 80
FILES = {
    "application/pdf": "original.pdf",
    "text/csv": "result.csv",
    "application/zip": "pictures.zip",
    "image/jpeg": "picture.jpg",
}
"""Where answers that are no JSON go."""


def curl(method: str, address: str, operation: Node, body: Node, resolved: Callable[[Node], Node]) -> str:
    lines = ['curl -H "Authorization: Bearer $TOKEN"']
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        sample = _example_of(content["application/json"]) or _sample(body, resolved)
        lines += ['-H "Content-Type: application/json"', f"-d {shlex.quote(_written(sample))}"]
    elif content:
        lines += [_form_field(name, resolved(node)) for name, node in _needed(body).items()]
    elif method != "get":
        lines[0] = lines[0].replace("curl", f"curl -X {method.upper()}", 1)
    if file := _file_of(operation):
        lines.append(f"-o {file}")
    return " \\\n  ".join([*lines, f'"{address.replace("{id}", "$ID")}"'])


def _written(sample: Any) -> str:
    """On several lines where one would be too long to read."""
    line = json.dumps(sample, ensure_ascii=False)
    return line if len(line) <= LONGEST_LINE else json.dumps(sample, ensure_ascii=False, indent=2)


def _example_of(media: Node) -> Any:
    """The first example that the description gives."""
    return next((example["value"] for example in media.get("examples", {}).values()), None)


def _needed(body: Node) -> dict[str, Node]:
    required = body.get("required", ())
    return {name: node for name, node in body.get("properties", {}).items() if name in required}


def _sample(schema: Node, resolved: Callable[[Node], Node]) -> Any:
    """An object with the required fields, or a value of this type."""
    schema = resolved(schema)
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "string")
    match kinds if isinstance(kinds, str) else kinds[0]:
        case "object":
            return {name: _sample(node, resolved) for name, node in _needed(schema).items()}
        case "array":
            return [_sample(schema.get("items", {}), resolved)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return SAMPLES.get(schema.get("format", ""), "…")


def _form_field(name: str, schema: Node) -> str:
    if schema.get("format") == "binary":
        return f"-F {name}=@invoice.pdf"
    return f"-F {name}={schema['enum'][0] if 'enum' in schema else '…'}"


def _file_of(operation: Node) -> str:
    kinds = operation["responses"].get("200", {}).get("content", {})
    return "" if "application/json" in kinds else next((FILES[kind] for kind in kinds if kind in FILES), "")
