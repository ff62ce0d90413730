"""Numbers and days that are none, typed by a person or extracted by the service: the document goes on all the same."""

from __future__ import annotations

import io
import json
import math
from datetime import date

import openpyxl
import pytest
from django.urls import reverse

from extractions.exports.making import FORMATS
from extractions.forwarding.api.answers import read_answer, read_json
from extractions.models import Extraction, PageWords, Rule
from extractions.review import edits, review_queue
from extractions.review.typed_values import Kind, NotThatKind, read
from extractions.verification import grounding
from tests.factories import make_schema
from tests.review.making import BILL, DATA, make_bill, value_of

# As they stand in the text of an answer.
WRITTEN = [
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e9999999", "9" * 30, "9" * 5000, "-" + "9" * 400, "1e308",
    '"nan"', '"sNaN"', '"-inf"', '"1e9999999"', '"1e-9999999"', '0000-01-01"', '"9999-12-31"', '"\\ud800"',
]  # fmt: skip
TYPED = ["nan", "inf", "-inf", "Infinity", "1e9999999", "1e400", "9" * 5000, "-" + "9" * 4400, "0." + "9" * 400, "sNaN"]
RULES = [
    "total > 5",
    "total = sum(lines[].amount)",
    "due_date <= today + total",
    "lines[].amount / total < 2",
    "number = 1",
]


def answered(text: str, *, as_text: bool = False):
    """The data of an answer in which every value is this one, as the client reads it; with `as_text`, JSON in JSON."""
    data = json.dumps(DATA | {"total": "@", "due_date": "@", "number": "@", "lines": [{"label": "@", "amount": "@"}]})
    data = data.replace('"@"', text)
    body = json.dumps({"id": "x", "extracted_data": data}) if as_text else f'{{"id": "x", "extracted_data": {data}}}'
    answer = read_answer(read_json(body.encode()))
    assert answer is not None
    return answer.extracted_data


def ruled(alice, data):
    schema = make_schema("Bill", schema=BILL)
    bill = make_bill(alice, data=data, schema=schema)
    Rule.objects.bulk_create(Rule(team=bill.team, schema=schema, text=text) for text in RULES)
    PageWords.objects.create(extraction=bill, number=1, words=[[0.1, 0.1, 0.2, 0.12, "1e400"]], source="ocr")
    return bill


def test_extracted_values_that_are_no_numbers_stop_nothing(client, alice):
    bills = [ruled(alice, answered(text, as_text=bool(number % 2))) for number, text in enumerate(WRITTEN)]
    client.force_login(alice)

    for bill in bills:
        grounding.ground_values(bill)
        edits.set_value(bill, "supplier.name", "Other", alice)
        edits.confirm(bill, "total", alice)
        edits.undo(bill, alice)
        assert review_queue.approve(Extraction.objects.get(pk=bill.pk), alice, override="as printed") == "approved"
        pages_answer(client, bill)
    everything_answers(client, bills[0])


def test_values_that_reached_the_database_otherwise_stop_nothing(client, alice):
    client.force_login(alice)

    for value in (math.nan, math.inf, 10**400, -(10**30), 1e308):
        bill = ruled(alice, DATA | {"total": value, "lines": [{"amount": value}]})
        grounding.ground_values(bill)
        edits.set_value(bill, "total", 5.0, alice)
        edits.revert(bill, "total", alice)
        pages_answer(client, bill)
    everything_answers(client, bill)


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e400", "9" * 5000])
def test_it_is_kept_as_it_came_and_flagged(alice, text):
    bill = ruled(alice, answered(text))

    grounding.reevaluate_rules(bill)

    total = value_of(bill, "total")
    assert (total.extracted, total.text, total.number) == (text, text, None)
    assert {"rule": "type", "paths": ["total"], "params": {"kind": "number"}} in total.broken
    assert total.standing == "broken"


@pytest.mark.parametrize("text", TYPED, ids=lambda text: text[:12])
@pytest.mark.parametrize("path", ["total", "lines[0].quantity"])
def test_what_is_typed_into_a_number_is_refused_in_words(client, alice, text, path):
    bill = make_bill(alice)
    client.force_login(alice)

    answer = client.post(
        reverse("extractions:review_value", args=[bill.key]),
        json.dumps({"do": "set", "path": path, "text": text}),
        content_type="application/json",
    )

    assert answer.status_code == 422
    assert text[:3] in answer.json()["error"] or "more than 30 digits" in answer.json()["error"]
    assert len(answer.json()["error"]) < 200
    assert not value_of(bill, path).corrected


def test_what_is_typed_into_a_text_stops_nothing(client, alice):
    client.force_login(alice)

    for text in (*TYPED, "0000-01-01", "99999-12-31"):
        bill = ruled(alice, DATA)
        edits.set_value(bill, "number", read(text, Kind("text")), alice)
        assert value_of(bill, "number").typed == text
        pages_answer(client, bill)
        assert review_queue.approve(Extraction.objects.get(pk=bill.pk), alice, override="as printed") == "approved"
    everything_answers(client, bill)


@pytest.mark.parametrize("text", ["0000-01-01", "99999-12-31", "31/12/99999", "1e9", "9" * 5000])
def test_days_outside_of_the_calendar_are_refused_in_words(text):
    with pytest.raises(NotThatKind, match="is not a date"):
        read(text, Kind("date"))


def test_an_amount_that_cannot_be_kept_exactly_is_refused():
    with pytest.raises(NotThatKind, match="more digits than can be kept exactly"):
        read("1234567890123456789.55", Kind("number"))
    assert read("12345678901234567890", Kind("number")) == 12345678901234567890
    assert read("123456789012.55", Kind("number")) == 123456789012.55


def test_the_first_and_the_last_day_of_the_calendar_stop_nothing(client, alice):
    bill = ruled(alice, DATA | {"due_date": "0001-01-01"})
    edits.set_value(bill, "number", "9999-12-31", alice)
    client.force_login(alice)

    assert value_of(bill, "due_date").date == date(1, 1, 1)
    everything_answers(client, bill)


def pages_answer(client, bill: Extraction) -> None:
    for name in ("detail", "review", "review_history"):
        assert client.get(reverse(f"extractions:{name}", args=[bill.key])).status_code == 200, name


def everything_answers(client, bill: Extraction) -> None:
    """Each page that shows values, each search for them and each file of them."""
    pages_answer(client, bill)
    assert client.get(reverse("extractions:download", args=[bill.key])).status_code == 200
    for name in ("dashboard", "list", "review_queue"):
        assert client.get(reverse(f"extractions:{name}")).status_code == 200, name
    for query in ("total>5", "total:nan", "total<1e400", "total:" + "9" * 400, "due_date>0000-01-01", "due_date:99999"):
        assert client.get(reverse("extractions:list"), {"q": query}).status_code == 200, query
    for path in ("total", "due_date", "number"):
        column = {"schema": bill.schema_id, "field": path}
        assert client.get(reverse("extractions:review_column"), column).status_code == 200
    for form in FORMATS:
        answer = client.post(reverse("extractions:new_export"), {"form": form})
        assert answer.status_code == 200, form
        is_readable(form, b"".join(answer.streaming_content))


def is_readable(form: str, content: bytes) -> None:
    if form.startswith("xlsx"):
        openpyxl.load_workbook(io.BytesIO(content))
    elif form.startswith("json"):
        for line in content.splitlines():
            json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    elif form != "zip":
        content.decode()
