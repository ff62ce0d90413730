"""What a spreadsheet makes of our files: LibreOffice where it is installed, and readers of the formats anywhere."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from django.urls import reverse
from openpyxl.utils.escape import unescape

from extractions.models import Value
from tests.factories import State, make_extraction

pytestmark = pytest.mark.django_db
OFFICE = shutil.which("soffice")
HOSTILE = {
    "equals": "=1+1",
    "sum": "@SUM(A1:A9)",
    "phone": "+49 30 901820",
    "minus": "-2+3",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "link": '=HYPERLINK("http://example.com";"x")',
    "call": "=cmd|' /C calc'!A0",
    "zeros": "007",
    "accents": "Société Œuvre, Straße 5; “non”",
    "lines": "two\nlines",
    "quotes": 'a "quoted" word',
}
NUMBERS = {"total": Decimal("-1284.5"), "small": Decimal("0.07"), "count": Decimal(12)}
DAYS = {"date": date(2026, 11, 5), "leap": date(2024, 2, 29)}
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet counts its days from there, without a zone
T = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
O = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"  # noqa: E741
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@pytest.fixture
def document(alice):
    row = make_extraction(owner=alice, state=State.EXTRACTED, name="=cmd.pdf")
    values = [(name, text, {}) for name, text in HOSTILE.items()]
    values += [(name, str(number), {"number": number}) for name, number in NUMBERS.items()]
    values += [(name, day.isoformat(), {"date": day}) for name, day in DAYS.items()]
    for position, (path, text, typed) in enumerate(values):
        Value.objects.create(extraction=row, position=position, path=path, text=text, **typed)
    return row


@pytest.fixture
def file(client, alice, document, tmp_path):
    """A file of an export, as a browser would keep it."""
    client.force_login(alice)

    def keep(form: str) -> Path:
        answer = client.post(reverse("extractions:new_export"), {"form": form})
        path = tmp_path / f"export.{form}"
        path.write_bytes(b"".join(answer.streaming_content))
        return path

    return keep


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """LibreOffice with its spreadsheet: some machines have it without, and that opens no spreadsheet at all."""
    simple = tmp_path_factory.mktemp("office") / "simple.csv"
    simple.write_text("name\nvalue\n")
    if OFFICE is None or not converted_by_office(simple).exists():
        pytest.skip("LibreOffice Calc is missing: apt-get install --no-install-recommends libreoffice-calc")


def converted_by_office(path: Path, separator: str = "44") -> Path:
    """Where LibreOffice puts it in its own format, which keeps formulas; it need not have succeeded."""
    profile = path.parent / "profile"
    given = [f"--infilter=CSV:{separator},34,76,1"] if path.suffix == ".csv" else []
    command = [str(OFFICE), f"-env:UserInstallation=file://{profile}", "--headless", *given]
    command += ["--convert-to", "fods", "--outdir", str(path.parent / "out"), str(path)]
    subprocess.run(command, capture_output=True, timeout=300, check=False)
    return path.parent / "out" / f"{path.stem}.fods"


def opened_by_office(path: Path, separator: str = "44") -> list[dict[str, ElementTree.Element]]:
    """The rows of the first sheet as LibreOffice understands it."""
    made = converted_by_office(path, separator)
    assert made.exists()
    table = next(ElementTree.parse(made).iter(f"{T}table"))
    rows = [list(_cells(row)) for row in table.iter(f"{T}table-row")]
    heads = [_text(cell) for cell in rows[0]]
    return [dict(zip(heads, row, strict=False)) for row in rows[1:] if any(_text(cell) for cell in row)]


def _cells(row):
    for cell in row:
        yield from [cell] * min(int(cell.get(f"{T}number-columns-repeated", 1)), 200)


def _text(cell) -> str:
    """A line a paragraph; runs of blanks and tabs are elements of their own."""
    return "\n".join(_plain(paragraph) for paragraph in cell.findall(f"{TEXT}p"))


def _plain(node) -> str:
    found = node.text or ""
    for part in node:
        found += {f"{TEXT}tab": "\t", f"{TEXT}s": " " * int(part.get(f"{TEXT}c", 1))}.get(part.tag, _plain(part))
        found += part.tail or ""
    return found


def _has_formula(row) -> bool:
    return any(cell.get(f"{T}formula") for cell in row.values())


@pytest.mark.usefixtures("office")
@pytest.mark.slow
def test_office_reads_the_workbook_as_it_was_meant(file, document):
    [row] = opened_by_office(file("xlsx"))

    assert not _has_formula(row)
    assert _text(row["document"]) == "=cmd.pdf"
    for name, text in HOSTILE.items():
        assert _text(row[name]) == text, name
        assert row[name].get(f"{O}value-type") == "string", name
    for name, number in NUMBERS.items():
        assert row[name].get(f"{O}value-type") == "float", name
        assert Decimal(row[name].get(f"{O}value")) == number
    for name, day in DAYS.items():
        assert row[name].get(f"{O}value-type") == "date", name
        assert row[name].get(f"{O}date-value")[:10] == day.isoformat()


@pytest.mark.usefixtures("office")
@pytest.mark.slow
def test_office_reads_the_csv_and_runs_nothing(file, document):
    [row] = opened_by_office(file("csv"))

    assert not _has_formula(row)
    for name, text in HOSTILE.items():
        told = "'" + text.replace("\r", "\n") if text[0] in "=+-@\t\r" else text
        # CSV has no types: what looks like a number is one. The workbook keeps the zeros.
        assert _text(row[name]) == ("7" if name == "zeros" else told), name
    for name, number in NUMBERS.items():
        assert Decimal(row[name].get(f"{O}value")) == number
    assert _text(row["accents"]) == HOSTILE["accents"]


def test_readers_find_the_same_in_the_workbook(file, document):
    path = file("xlsx")

    sheet = openpyxl.load_workbook(path).worksheets[0]
    heads, cells = [list(row) for row in sheet.iter_rows()]
    row = {head.value: cell for head, cell in zip(heads, cells, strict=True)}
    assert {name: unescape(row[name].value) for name in HOSTILE} == HOSTILE
    assert {row[name].data_type for name in HOSTILE} == {"s"}
    assert {name: Decimal(str(row[name].value)) for name in NUMBERS} == NUMBERS
    assert {name: row[name].value.date() for name in DAYS} == DAYS
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            content = parts.read(name)
            assert b"<f>" not in content, name
            assert b"<f " not in content, name
            assert b"<hyperlink" not in content, name
        assert not [name for name in parts.namelist() if "externalLink" in name or "vba" in name]


def test_readers_find_the_same_in_the_csv(file, document):
    content = file("csv").read_bytes().decode("utf-8-sig")

    [row] = csv.DictReader(io.StringIO(content, newline=""))
    assert row["document"] == "'=cmd.pdf"
    for name, text in HOSTILE.items():
        assert row[name] == ("'" + text if text[0] in "=+-@\t\r" else text), name
    assert {name: Decimal(row[name]) for name in NUMBERS} == NUMBERS
    assert {name: date.fromisoformat(row[name]) for name in DAYS} == DAYS
    assert not [cell for cell in row.values() if cell[:1] in ("=", "+", "@", "\t", "\r")]


def test_a_day_is_the_number_that_spreadsheets_count(file, document):
    """Without LibreOffice, too: what stands in the cell is the number of the day, not a text that looks like one."""
    with zipfile.ZipFile(file("xlsx")) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()

    for day in DAYS.values():
        number = (datetime(day.year, day.month, day.day) - EPOCH) // timedelta(days=1)  # noqa: DTZ001
        assert f"<v>{number}</v>" in sheet
