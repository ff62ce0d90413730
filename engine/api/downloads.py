"""The formats of `download=`: the data as CSV, the images as ZIP, or the whole extract as JSON."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from engine.models import Extract
from engine.processing import files

# Spreadsheets interpret text that begins with one of these as a formula (CSV injection).
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")


def as_csv(extract: Extract) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="{extract.pk}.csv"'}
    return HttpResponse(table(extract.extracted_data), content_type="text/csv; charset=utf-8", headers=headers)


def as_json(extract: Extract, body: Mapping[str, object]) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="{extract.pk}.json"'}
    text = json.dumps(body, ensure_ascii=False, default=str)
    return HttpResponse(text, content_type="application/json", headers=headers)


def as_zip(extract: Extract) -> HttpResponseBase:
    archive = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(archive, "w") as pictures:
        for image in extract.content_images.all():
            with files.open_or_404(image.path) as picture:
                pictures.writestr(image.name, picture.read())
    archive.seek(0)
    return FileResponse(archive, as_attachment=True, filename=f"{extract.pk}.zip", content_type="application/zip")


def table(data: object) -> str:
    """Flatten to CSV: scalar values repeat in every row, lists of objects run down the rows side by side."""
    single: dict[str, object] = {}
    lists: list[list[dict[str, object]]] = []
    for path, value in _leaves(data, ""):
        if isinstance(value, list):
            lists.append([dict(_leaves(item, path)) for item in value])
        else:
            single[path] = value
    height = max((len(rows) for rows in lists), default=1)
    table_rows = [
        single | {path: value for rows in lists if number < len(rows) for path, value in rows[number].items()}
        for number in range(max(height, 1))
    ]
    columns = list(dict.fromkeys(path for row in table_rows for path in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_cell(path) for path in columns])
    writer.writerows([_cell(row.get(path)) for path in columns] for row in table_rows)
    return text.getvalue()


def _leaves(data: object, path: str) -> Iterator[tuple[str, object]]:
    """Scalars by dotted path; a list of objects stays a list, any other list becomes one string."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from _leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(data, list) and data and all(isinstance(item, Mapping) for item in data):
        yield path or "value", data
    elif isinstance(data, list):
        yield path or "value", "; ".join(str(_cell(item)) for item in data)
    else:
        yield path or "value", data


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    return text[1:].replace(".", "", 1).replace(",", "", 1).isdigit()
