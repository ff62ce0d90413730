"""Hostile file names as the names of uploads: each must arrive, end as it may, and write nothing anywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import requests

from benchmarks._engine import PROJECT, Engine, names_in_header
from benchmarks._measuring import Report

UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069/\\]")
"""What no stored name may hold: control characters, signs that turn the direction of writing, parts of a path."""
SAFE_HEADER = re.compile(
    r'(?:inline|attachment)(?:; filename(?:="(?:[^"\\\r\n/]|\\["\\])*"|\*=utf-8\'\'[\w.%!#$&+^`|~-]*))?'
)
SKIPPED = frozenset({".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", "var", "static"})


def hostile_names(report: Report, engine: Engine, folder: Path, patience: float) -> None:
    items = json.loads((folder / "filenames.json").read_text("utf-8"))
    before = outside(engine)
    wrong: list[str] = []
    waiting: dict[str, str] = {}
    for item in items:
        content = (folder / item["send_with"]).read_bytes()
        for written in names_in_header(item["filename"]):
            answer = engine.send(content, written, schema="")
            if answer.status_code == 201:
                waiting[answer.json()["id"]] = item["filename"]
            elif not 400 <= answer.status_code < 500:
                wrong.append(f"{item['filename']!r}: {answer.status_code}")
    for identity, name in waiting.items():
        complaint = _complaint(engine, engine.ended(identity, patience))
        if complaint:
            wrong.append(f"{name!r}: {complaint}")
    strewn = sorted(outside(engine) - before)
    for told in [*wrong, *strewn]:
        print(f"  {told}")
    report.line("names of files: that end as they may not", len(wrong), "<= 0", "", f"of {len(items)}, in each form")
    report.line("names of files: taken", len(waiting), "", "", "the others were refused with 4xx")
    report.line("names of files: files written outside the data", len(strewn), "<= 0")


def _complaint(engine: Engine, shown: dict[str, Any]) -> str:
    if shown["status"] not in ("FINISHED", "ERROR"):
        return f"is still {shown['status']}"
    name = shown["document_name"] or ""
    if UNSAFE.search(name) or len(name) > 255:
        return f"stored as {name!r}"
    document = engine.get(shown["document_url"])
    header = document.headers.get("Content-Disposition", "")
    if document.status_code != requests.codes.ok or not SAFE_HEADER.fullmatch(header):
        return f"given back with {document.status_code} and {header!r}"
    return ""


def outside(engine: Engine) -> set[str]:
    """All files that the engine could have written by accident: in the project, its home, and beside its data."""
    found = {str(path) for path in _files(PROJECT)}
    found |= {str(path) for name in ("home", "tmp") for path in _files(engine.folder / name)}
    return found | {str(path) for path in engine.folder.iterdir()} | {str(path) for path in engine.data.iterdir()}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not SKIPPED & set(path.relative_to(folder).parts)]
