"""What `download=` gives: the data as a table, the pictures, or everything as JSON."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from engine import files
from engine.models import Extract

# A spreadsheet takes a text that begins so for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(extract: Extract) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="{extract.pk}.csv"'}
    return HttpResponse(table(extract.extracted_data), content_type="text/csv; charset=utf-8", headers=headers)


def as_json(extract: Extract, shown: Mapping[str, Any]) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="{extract.pk}.json"'}
    text = json.dumps(shown, ensure_ascii=False, default=str)
    return HttpResponse(text, content_type="application/json", headers=headers)


def as_zip(extract: Extract) -> HttpResponseBase:
    archive = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(archive, "w") as pictures:
        for image in extract.content_images.all():
            with files.opened(image.path) as picture:
                pictures.writestr(image.name, picture.read())
    archive.seek(0)
    return FileResponse(archive, as_attachment=True, filename=f"{extract.pk}.zip", content_type="application/zip")


def table(data: Any) -> str:
    """Single values stand in every row; lists of objects run down the rows, side by side."""
    single: dict[str, Any] = {}
    lists: list[list[dict[str, Any]]] = []
    for path, value in _leaves(data, ""):
        if isinstance(value, list):
            lists.append([dict(_leaves(item, path)) for item in value])
        else:
            single[path] = value
    height = max((len(rows) for rows in lists), default=1)
    found = [
        single | {path: value for rows in lists if number < len(rows) for path, value in rows[number].items()}
        for number in range(max(height, 1))
    ]
    columns = list(dict.fromkeys(path for row in found for path in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_cell(path) for path in columns])
    writer.writerows([_cell(row.get(path)) for path in columns] for row in found)
    return text.getvalue()


def _leaves(data: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Single values by their dotted path; a list of objects stays a list, and any other becomes one text."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from _leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(data, list) and data and all(isinstance(item, Mapping) for item in data):
        yield path or "value", data
    elif isinstance(data, list):
        yield path or "value", "; ".join(str(_cell(item)) for item in data)
    else:
        yield path or "value", data


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    return text[1:].replace(".", "", 1).replace(",", "", 1).isdigit()
