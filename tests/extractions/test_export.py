"""Files of documents, read back as another program would."""

import csv
import io
import json
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from extractions.exports import making, text
from extractions.models import Export, ExportMapping, Extraction, Value
from portal.people.models import Membership
from tests.factories import State, make_content_image, make_extraction, make_schema

DANGEROUS = ["=1+1", "@SUM(A1)", "+49 30 1", "\tx", "\rx", "-2+3"]


@pytest.fixture
def url() -> str:
    return reverse("extractions:new_export")


def give(row, *values):
    """Values as (path, text); numbers and days are known by their look."""
    for position, (path, written) in enumerate(values):
        number = Decimal(written) if text.WRITTEN_NUMBER.fullmatch(written) else None
        day = date.fromisoformat(written) if len(written) == 10 and written[4:5] == "-" else None
        Value.objects.create(extraction=row, position=position, path=path, text=written, number=number, date=day)


@pytest.fixture
def invoice(alice):
    row = make_extraction(owner=alice, state=State.EXTRACTED, name="Übersicht é.pdf", metadata={"project": "blue"})
    give(
        row,
        ("supplier.name", "Société Œuvre"),
        ("total", "-1284.5"),
        ("date", "2026-11-05"),
        ("note", "=1+1"),
        ("tags[0]", "a"),
        ("tags[1]", "b"),
        ("lines[0].text", "@SUM(A1)"),
        ("lines[0].amount", "3"),
        ("lines[1].text", "second"),
        ("lines[1].amount", "4.25"),
    )
    return row


def asked(client, url, form, **more) -> bytes:
    answer = client.post(url, {"form": form} | more)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)


def rows_of(content: bytes, separator=",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))


def test_csv_opens_with_its_accents_and_runs_nothing(client, alice, url, invoice):
    client.force_login(alice)

    content = asked(client, url, "csv")

    assert content.startswith(b"\xef\xbb\xbf")
    [row] = rows_of(content)
    assert row["document"] == "Übersicht é.pdf"
    assert row["supplier.name"] == "Société Œuvre"
    assert row["total"] == "-1284.5"
    assert row["note"] == "'=1+1"
    assert row["tags"] == "a; b"
    assert json.loads(row["metadata"]) == {"project": "blue"}
    assert "lines" not in " ".join(row)


@pytest.mark.parametrize(
    ("separator", "sign", "total", "amount"), [("semicolon", ";", "-1284,5", "4,25"), ("tab", "\t", "-1284.5", "4.25")]
)
def test_csv_of_line_items_has_a_row_for_each(client, alice, url, invoice, separator, sign, total, amount):
    """Decimal commas stand where semicolons separate, and only in numbers."""
    Extraction.objects.filter(pk=invoice.pk).update(extraction_time=2.5)
    client.force_login(alice)

    rows = rows_of(asked(client, url, "items", separator=separator), sign)

    assert [(row["total"], row["lines.text"], row["lines.amount"]) for row in rows] == [
        (total, "'@SUM(A1)", "3"),
        (total, "second", amount),
    ]
    assert rows[0]["document"] == "Übersicht é.pdf"
    assert rows[0]["seconds"] == ("2,5" if sign == ";" else "2.5")


@pytest.mark.parametrize("value", DANGEROUS)
def test_dangerous_beginnings_are_disarmed(value):
    assert text.safe(value) == "'" + value


@pytest.mark.parametrize("value", ["-5", "-5.25", "-5,25", "1e-7", "plain", 12, None])
def test_numbers_and_plain_texts_stay_as_they_are(value):
    assert text.safe(value) == value


def test_workbook_has_numbers_days_and_texts_and_a_sheet_for_line_items(client, alice, url, invoice):
    give(other := make_extraction(owner=alice, state=State.EXTRACTED, document="x.pdf"), *enumerate_dangerous())
    client.force_login(alice)

    book = openpyxl.load_workbook(io.BytesIO(asked(client, url, "xlsx")))

    assert book.sheetnames == ["Documents", "lines"]
    rows = {row["key"]: row for row in table(book["Documents"])}
    row = rows[str(invoice.key)]
    assert (row["total"], row["date"].date(), row["note"]) == (-1284.5, date(2026, 11, 5), "=1+1")
    assert isinstance(row["received"], datetime)
    assert [cell.data_type for cell in book["Documents"]["A"]] == ["s", "s", "s"]
    assert not any(cell.data_type == "f" for line in book["Documents"] for cell in line)
    assert {rows[str(other.key)][f"d{number}"] for number in range(3)} == {"=1+1", "@SUM(A1)", "+49 30 1"}
    assert [(item["row"], item["text"], item["amount"]) for item in table(book["lines"])] == [
        (1, "@SUM(A1)", 3),
        (2, "second", 4.25),
    ]


def enumerate_dangerous():
    return [(f"d{number}", value) for number, value in enumerate(DANGEROUS)]


def table(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_json_has_a_line_a_document_with_what_people_corrected(client, alice, url, invoice):
    give(row := make_extraction(owner=alice, state=State.EXTRACTED), ("total", "99"))
    Value.objects.filter(extraction=row).update(corrected=True, typed=99)
    client.force_login(alice)

    lines = [json.loads(line) for line in asked(client, url, "json").splitlines()]

    data = {line["key"]: line["data"] for line in lines}
    assert data[str(row.key)] == {"invoice_number": "INV-1", "total": 99}
    assert data[str(invoice.key)]["total"] == 12.5


def test_archive_holds_everything_and_tells_what_is_missing(client, alice, url, invoice):
    make_content_image(invoice, b"picture")
    make_content_image(invoice)
    lost = make_extraction(owner=alice, name="lost.pdf")
    Path(settings.MEDIA_ROOT, lost.document.name).unlink()
    changed = make_extraction(owner=alice, name="lost.pdf")
    Path(settings.MEDIA_ROOT, changed.document.name).write_bytes(b"other")
    client.force_login(alice)

    archive = zipfile.ZipFile(io.BytesIO(asked(client, url, "zip")))

    assert archive.testzip() is None
    manifest = rows_of(archive.read("manifest.csv"))
    assert {row["path"]: row["status"] for row in manifest} == {
        "originals/lost.pdf": "changed",
        "originals/lost (2).pdf": "missing",
        "originals/Übersicht é.pdf": "ok",
        f"pictures/Übersicht é.pdf/001-{invoice.content_images.first().name}": "ok",
        f"pictures/Übersicht é.pdf/002-{invoice.content_images.last().name}": "missing",
    }
    assert all(row["reason"] for row in manifest if row["status"] != "ok")
    assert archive.read("originals/Übersicht é.pdf").startswith(b"%PDF")
    assert len(rows_of(archive.read("documents.csv"))) == 3


def test_selection_and_filter_never_reach_beyond_the_team(client, alice, charlie, url, invoice):
    client.force_login(charlie)
    secret = make_extraction(owner=charlie, name="secret.pdf", state=State.EXTRACTED)

    for address in (f"{url}?numbers={invoice.pk}", f"{url}?q=total<0"):
        assert client.post(address, {"form": "csv"}).status_code == 302
    client.force_login(alice)
    rows = rows_of(asked(client, f"{url}?numbers={invoice.pk}.{secret.pk}", "csv"))
    assert [row["key"] for row in rows] == [str(invoice.key)]
    assert [row["key"] for row in rows_of(asked(client, f"{url}?state=EXTRACTED", "csv"))] == [str(invoice.key)]


def test_columns_of_a_schema_are_kept_and_used(client, alice, url):
    schema = make_schema()
    row = make_extraction(owner=alice, state=State.EXTRACTED, schema=schema)
    give(row, ("invoice_number", "INV-1"), ("total", "3"), ("other", "x"))
    client.force_login(alice)
    address = reverse("extractions:export_mapping") + f"?schema={schema.pk}"
    assert "invoice_number" in client.get(address).content.decode()

    fields = {"path": ["invoice_number", "total"], "heading": ["Number", "Betrag"], "place": ["2", "1"]}
    client.post(address, fields | {"wanted": ["invoice_number", "total"]})

    [row] = rows_of(asked(client, url, "csv"))
    assert list(row)[-2:] == ["Betrag", "Number"]
    assert (row["Betrag"], row["Number"]) == ("3", "INV-1")
    client.post(address, fields | {"wanted": ["invoice_number", "total"], "heading": ["Same", "same"]})
    assert ExportMapping.objects.get().columns == [["total", "Betrag"], ["invoice_number", "Number"]]
    client.post(address, {"forget": "1"})
    assert not ExportMapping.objects.exists()


def test_viewers_export_but_do_not_choose_columns(client, victor, url, invoice):
    schema = make_schema()
    client.force_login(victor)

    assert len(rows_of(asked(client, url, "csv"))) == 1
    assert client.post(reverse("extractions:export_mapping") + f"?schema={schema.pk}", {}).status_code == 403


def test_large_exports_are_made_by_the_worker_and_kept_for_a_day(client, alice, url, invoice, monkeypatch):
    monkeypatch.setattr(making, "AT_ONCE", 0)
    client.force_login(alice)

    page = client.post(f"{url}?q=total<0", {"form": "csv"}, follow=True).content.decode()

    row = Export.objects.get()
    assert "Waiting for the worker" in page
    assert 'hx-trigger="every 2s"' in page
    assert client.get(reverse("extractions:export_file", args=[row.key])).status_code == 404
    making.make(row)
    assert "is ready" in client.get(row.get_absolute_url()).content.decode()
    content = b"".join(client.get(reverse("extractions:export_file", args=[row.key])).streaming_content)
    assert [item["key"] for item in rows_of(content)] == [str(invoice.key)]
    file = Path(settings.MEDIA_ROOT, Export.objects.get().file.name)
    assert making.clear() == 0
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert making.clear() == 1
    assert not file.exists()


def test_export_is_its_own_person_s_and_only_while_they_are_on_the_team(client, alice, bob, invoice):
    team = Membership.objects.get(person=alice).team_id
    row = Export.request(person=alice, teams=[team], form="csv")
    making.make(row)
    addresses = [row.get_absolute_url(), reverse("extractions:export_file", args=[row.key])]

    def answers(person):
        client.force_login(person)
        return [client.get(address).status_code for address in addresses]

    assert answers(alice) == [200, 200]
    assert answers(bob) == [404, 404]
    Membership.objects.filter(person=alice).delete()
    assert answers(alice) == [404, 404]


def test_export_that_breaks_is_tried_again_and_then_told(client, alice, invoice, monkeypatch):
    row = Export.request(person=alice, teams=[invoice.team_id], form="csv")
    monkeypatch.setattr(making, "layout_of", lambda *_: 1 / 0)

    for _attempt in range(making.MAX_ATTEMPTS + 1):
        making.make(Export.objects.get(pk=row.pk))

    row.refresh_from_db()
    assert row.state == Export.State.FAILED
    client.force_login(alice)
    assert "could not be made" in client.get(row.get_absolute_url()).content.decode()


def test_only_one_worker_makes_an_export_and_a_cancelled_one_ends(alice, invoice, monkeypatch):
    row = Export.request(person=alice, teams=[invoice.team_id], form="csv")
    same = Export.objects.get(pk=row.pk)
    assert row.claim(making.LEASE)
    assert not same.claim(making.LEASE)

    row.cancel()

    assert not row.progress(1, making.LEASE)
    assert not row.finish("x", 1, 0)


@pytest.mark.parametrize(("wanted", "mime"), [("", "text/csv"), ("csv", "text/csv"), ("json", "application/json")])
def test_one_document_comes_as_the_service_would_give_it(client, alice, charlie, invoice, wanted, mime):
    address = reverse("extractions:download", args=[invoice.key])
    client.force_login(alice)

    answer = client.get(address, {"download": wanted})

    assert answer["Content-Type"].startswith(mime)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if mime == "application/json":
        assert json.loads(body) == invoice.raw
    else:
        assert [row["lines.amount"] for row in rows_of(body)] == ["3", "4.25"]
    client.force_login(charlie)
    assert client.get(address).status_code == 404


def test_without_data_nothing_is_downloaded(client, alice, invoice):
    make_content_image(invoice, b"picture")
    running = make_extraction(owner=alice, state=State.RUNNING)
    failed = make_extraction(owner=alice, state=State.FAILED)
    client.force_login(alice)

    def status(row, wanted="csv"):
        return client.get(reverse("extractions:download", args=[row.key]), {"download": wanted}).status_code

    assert (status(running), status(failed), status(invoice, "nonsense")) == (202, 204, 400)
    pictures = client.get(reverse("extractions:download", args=[invoice.key]), {"download": "images"})
    names = zipfile.ZipFile(io.BytesIO(b"".join(pictures.streaming_content))).namelist()
    assert [name for name in names if name.startswith("pictures/")]
    assert not [name for name in names if name.startswith("originals/")]
