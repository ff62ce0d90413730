"""Exports as people read them; programs get the same ones as ever."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.urls import reverse

from extractions.exports import making
from extractions.models import Export, Extraction, Schema, Value
from tests.extractions.test_export import asked, give, rows_of, table
from tests.factories import State, make_extraction, make_schema

URL = "/extractions/export/"
MOMENT = datetime(2026, 7, 1, 22, 30, tzinfo=ZoneInfo("UTC"))
NUMBER, TEXT = {"type": "number"}, {"type": "string"}
SCHEMA = {
    "type": "object",
    "properties": {
        "supplier": {"type": "object", "title": "Supplier", "properties": {"name": TEXT | {"title": "Name"}}},
        "total_amount": NUMBER | {"title": "Total with VAT"},
        "currency": TEXT,
        "lines": {
            "type": "array",
            "title": "Lines",
            "items": {"type": "object", "properties": {"unit_price": NUMBER | {"title": "Price"}, "quantity": NUMBER}},
        },
    },
}


@pytest.fixture
def invoice(client, alice):
    client.force_login(alice)
    client.cookies["timezone"] = "Europe/Paris"
    schema = make_schema('Invoice: "A/B"\nv2', schema=SCHEMA)
    row = make_extraction(
        owner=alice, state=State.EXTRACTED, schema=schema, name="a.pdf", received_at=MOMENT, metadata={"project": "x"},
        review_state=Extraction.Review.WAITING,
    )  # fmt: skip
    give(
        row,
        ("supplier.name", "Œuvre"),
        ("total_amount", "1284.5"),
        ("currency", "EUR"),
        ("lines[0].unit_price", "3"),
        ("lines[0].quantity", "2"),
    )
    return row


def test_csv_has_titles_words_and_the_reader_s_time(client, invoice):
    [row] = rows_of(asked(client, URL, "csv", style="people", separator="semicolon"), ";")

    assert row["Document"] == "a.pdf"
    assert row["Supplier – Name"] == "Œuvre"
    assert row["Total with VAT"] == "1284,5"
    assert row["Currency"] == "EUR"
    assert (row["State"], row["Review"]) == ("Finished", "To review")
    assert row["Received (Europe/Paris)"] == "2026-07-02 00:30:00"
    assert row["Metadata"] == "project: x"
    assert row["Document ID"] == str(invoice.key)


def test_csv_of_items_names_the_list_and_the_field(client, invoice):
    [row] = rows_of(asked(client, URL, "items", style="people"))

    assert (row["Lines – Price"], row["Lines – Quantity"]) == ("3", "2")


def test_workbook_has_a_sheet_a_schema_and_amounts_with_their_currency(client, alice, invoice):
    receipt = make_schema("Receipt", schema={"properties": {"paid": NUMBER | {"title": "Paid"}}})
    give(make_extraction(owner=alice, state=State.EXTRACTED, schema=receipt), ("paid", "9"))
    make_extraction(owner=alice)

    book = openpyxl.load_workbook(io.BytesIO(asked(client, URL, "xlsx", style="people")))

    assert book.sheetnames == ['Invoice "A B" v2', 'Invoice "A B" v2 Lines', "No schema", "Receipt"]
    [row] = table(book['Invoice "A B" v2'])
    assert (row["Total with VAT"], row["Received (Europe/Paris)"]) == (1284.5, datetime(2026, 7, 2, 0, 30))  # noqa: DTZ001
    assert "Paid" not in row
    formats = {cell.value: cell.number_format for line in book['Invoice "A B" v2'] for cell in line}
    assert "EUR" in formats[1284.5]
    [item] = table(book['Invoice "A B" v2 Lines'])
    assert (item["Document"], item["Row"], item["Price"], item["Quantity"]) == ("a.pdf", 1, 3, 2)
    lines = {cell.value: cell.number_format for line in book['Invoice "A B" v2 Lines'] for cell in line}
    assert "EUR" in lines[3]
    assert "EUR" not in lines[2]


def test_two_currencies_in_one_document_name_none(client, invoice):
    Value.objects.create(extraction=invoice, position=9, path="lines[0].currency", text="USD")

    book = openpyxl.load_workbook(io.BytesIO(asked(client, URL, "xlsx", style="people")))

    formats = {cell.value: cell.number_format for line in book.worksheets[0] for cell in line}
    assert formats[1284.5] == "General"


def test_programs_get_names_codes_and_one_table(client, invoice):
    [row] = rows_of(asked(client, URL, "csv", style="programs"))

    assert (row["state"], row["total_amount"], row["supplier.name"]) == ("EXTRACTED", "1284.5", "Œuvre")
    assert row["received"] == "2026-07-02T00:30:00+02:00"
    assert rows_of(asked(client, URL, "csv")) == [row], "and so does whoever says nothing"


def test_the_address_of_one_document_chooses_too(client, invoice):
    address = reverse("extractions:download", args=[invoice.key])

    people = client.get(address, {"download": "items", "style": "people"})
    programs = client.get(address, {"download": "items"})

    assert "Total with VAT" in b"".join(people.streaming_content).decode()
    assert "total_amount" in b"".join(programs.streaming_content).decode()


def test_unknown_styles_are_refused(client, invoice):
    assert client.post(URL, {"form": "csv", "style": "poets"}).status_code == 400


def test_the_worker_writes_in_the_language_and_time_of_who_asked(client, invoice, monkeypatch):
    monkeypatch.setattr(making, "AT_ONCE", 0)
    client.cookies["django_language"] = "fr"
    client.post(URL, {"form": "csv", "style": "people"})

    export = Export.objects.get()
    making.make(export)

    [row] = rows_of(Export.objects.get().file.read())
    assert row["Total with VAT"] == "1284.5"
    assert row["Reçu (Europe/Paris)"] == "2026-07-02 00:30:00"


@pytest.mark.parametrize("name", ['the "big" one.pdf', "two\nlines.pdf", "a\r\nX-Evil: 1.pdf", "é – “ü”.pdf"])
def test_odd_names_make_one_header_and_one_cell(client, invoice, name):
    Extraction.objects.filter(pk=invoice.pk).update(name=name)
    address = reverse("extractions:download", args=[invoice.key])

    for kind in ("items", "xlsx", "json", "zip", "csv"):
        answer = client.get(address, {"download": kind, "style": "people"})
        header = answer["Content-Disposition"]
        assert header.startswith("attachment; filename")
        assert not set("\r\n") & set(header)
        assert "X-Evil" not in answer.headers
    for view in ("document", "raw"):
        assert client.get(reverse(f"extractions:{view}", args=[invoice.key])).status_code == 200

    [row] = rows_of(asked(client, URL, "csv", style="people"))
    assert row["Document"] == name
    book = openpyxl.load_workbook(io.BytesIO(asked(client, URL, "xlsx", style="people")))
    assert table(book.worksheets[0])[0]["Document"].replace("_x000D_", "\r") == name


def test_numbers_stay_numbers(client, invoice):
    Value.objects.filter(path="total_amount").update(number=Decimal("0.07"), text="0.07")

    [row] = rows_of(asked(client, URL, "csv", style="people", separator="semicolon"), ";")

    assert row["Total with VAT"] == "0,07"


def test_headings_are_in_the_reader_s_language_where_the_schema_has_it(client, invoice):
    properties = SCHEMA["properties"] | {
        "total_amount": NUMBER | {"title": "Total with VAT", "context:titles": {"fr": "Total TTC"}},
        "lines": SCHEMA["properties"]["lines"] | {"context:titles": {"fr": "Lignes"}},
    }
    Schema.objects.update(schema=SCHEMA | {"properties": properties})
    client.cookies["django_language"] = "fr"

    [row] = rows_of(asked(client, URL, "csv", style="people", separator="semicolon"), ";")
    [item] = rows_of(asked(client, URL, "items", style="people", separator="semicolon"), ";")

    assert row["Total TTC"] == "1284,5"
    assert "Supplier – Name" in row
    assert any(heading.startswith("Lignes – ") for heading in item)
