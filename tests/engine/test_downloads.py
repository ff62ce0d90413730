"""The data as a table, the pictures, everything as JSON; and when there is nothing to download."""

from __future__ import annotations

import csv
import io
import threading
import zipfile

import pytest

from engine.api.downloads import table
from engine.processing import document_processing
from engine.processing.work_queue import claim_next
from tests.engine.conftest import extract_of, upload_by
from tests.engine.stand_ins import JPEG

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def finished(client, alice, pdf, children, reading_by):
    """The address of an extract that has everything."""
    reading_by("everything")
    extract = extract_of(upload_by(client, pdf, schema=alice.schemas.first().pk))
    document_processing.process(claim_next(), children, threading.Event())
    return f"/extract/{extract.pk}/"


@pytest.mark.parametrize("wanted", ["csv", ""])
def test_csv(client, finished, wanted):
    answer = client.get(finished + "?download=" + wanted)

    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    assert list(csv.DictReader(io.StringIO(answer.content.decode()))) == [
        {"total": "12.5", "lines.text": "'=1+1", "lines.amount": "-3"}
    ]


def test_images(client, finished):
    answer = client.get(finished + "?download=images")

    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert answer["Content-Type"] == "application/zip"
    assert archive.read("_page_0_Picture_1.jpeg") == JPEG


def test_json(client, finished):
    answer = client.get(finished + "?download=json")

    assert answer["Content-Type"] == "application/json"
    assert answer.json() == client.get(finished).json()


def test_an_unknown_download_is_400(client, finished):
    assert client.get(finished + "?download=pdf").json() == {"download": ['"pdf" is not a valid choice.']}


def test_what_is_not_finished_is_202(client, alice, pdf):
    extract = extract_of(upload_by(client, pdf, schema=alice.schemas.first().pk))

    answer = client.get(f"/extract/{extract.pk}/?download=csv")

    assert (answer.status_code, answer.json()["id"]) == (202, str(extract.pk))


def test_without_a_schema_nothing_is_downloaded(client, pdf, children, reading_by):
    reading_by("everything")
    extract = extract_of(upload_by(client, pdf))
    document_processing.process(claim_next(), children, threading.Event())

    for wanted in ("csv", "images", "json"):
        answer = client.get(f"/extract/{extract.pk}/?download={wanted}")
        assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ({"a": 1, "b": {"c": None, "d": True}}, [["a", "b.c", "b.d"], ["1", "", "True"]]),
        ({"a": ["x", "y"]}, [["a"], ["x; y"]]),
        ({"n": 1, "l": [{"a": 1}, {"a": 2}]}, [["n", "l.a"], ["1", "1"], ["1", "2"]]),
        ({"k": [{"a": 1}, {"a": 2}], "l": [{"b": 3}]}, [["k.a", "l.b"], ["1", "3"], ["2", ""]]),
        ({"a": "=cmd", "b": "-1,5", "c": "@x", "d": -2}, [["a", "b", "c", "d"], ["'=cmd", "-1,5", "'@x", "-2"]]),
        ({}, [[], []]),
        ([{"a": 1}, {"a": 2}], [["value.a"], ["1"], ["2"]]),
        ("text", [["value"], ["text"]]),
    ],
)
def test_table(data, rows):
    assert list(csv.reader(io.StringIO(table(data)))) == rows
