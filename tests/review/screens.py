"""Reads one document back wherever it is shown: the review screen, the result page, every export."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import openpyxl
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from extractions.models import Extraction

GRID = re.compile(
    r'<section class="grid" data-grid="([^"]*)" data-names="([^"]*)" data-next="([^"]*)" aria-label="([^"]*)"'
)
LINE = re.compile(r'<tr data-line="([^"]*)"')
CELL = re.compile(r'name="value:([^"]*)" value="([^"]*)"')


@dataclass(frozen=True)
class ShownGrid:
    """A table of the review screen: its rows by their paths, each with the paths and texts of its cells."""

    path: str
    names: list[str]
    next_row: str
    title: str
    lines: list[tuple[str, list[tuple[str, str]]]]


def address(document: Extraction, name: str = "review") -> str:
    return reverse(f"extractions:{name}", args=[document.key])


def say(client: Client, document: Extraction, **action: object) -> HttpResponse:
    """The answer to one action of a reviewer, as the script sends it."""
    return client.post(address(document, "review_value"), json.dumps(action), content_type="application/json")


def grids_of(client: Client, document: Extraction) -> list[ShownGrid]:
    answer = client.get(address(document) + "?part=grids")
    assert answer.status_code == 200, answer
    page = answer.content.decode()
    grids = []
    for head, part in _parted(GRID, page):
        path, names, next_row, title = (html.unescape(group) for group in head.groups())
        lines = [
            (html.unescape(line[1]), [(html.unescape(of), html.unescape(text)) for of, text in CELL.findall(cells)])
            for line, cells in _parted(LINE, part)
        ]
        grids.append(ShownGrid(path, json.loads(names), next_row, title, lines))
    return grids


def _parted(pattern: re.Pattern[str], text: str) -> list[tuple[re.Match[str], str]]:
    """Each match with the text up to the next one."""
    found = list(pattern.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    return [(match, text[match.end() : end]) for match, end in zip(found, ends, strict=False)]


def exported(client: Client, document: Extraction, form: str) -> bytes:
    answer = client.post(f"{reverse('extractions:new_export')}?numbers={document.pk}", {"form": form})
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content)


def data_of_json(client: Client, document: Extraction) -> Any:
    return json.loads(exported(client, document, "json"))["data"]


def data_of_zip(client: Client, document: Extraction) -> tuple[Any, list[dict[str, str]]]:
    """The data, and the rows of the table in the archive."""
    with zipfile.ZipFile(io.BytesIO(exported(client, document, "zip"))) as archive:
        data = json.loads(archive.read("documents.jsonl"))["data"]
        return data, _rows(archive.read("documents.csv"))


def rows_of_csv(client: Client, document: Extraction) -> list[dict[str, str]]:
    return _rows(exported(client, document, "items"))


def sheets_of_workbook(client: Client, document: Extraction) -> dict[str, list[dict[str, Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(exported(client, document, "xlsx")))
    found = {}
    for sheet in book:
        head, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
        found[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
