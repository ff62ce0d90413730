"""One field over many documents."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from extractions.models import Extraction, PageImage, Value
from extractions.presentation.review.column_review import rows_of
from extractions.review import review_queue
from extractions.verification.review_status import refresh_status
from tests.factories import make_extraction, make_schema
from tests.responses import text

URL = reverse("extractions:review_column")


def waiting_documents(owner, schema, totals, **fields):
    """Read, checked, and waiting for somebody."""
    made = []
    for number, total in enumerate(totals):
        data = {"invoice_number": f"INV-{number}", "total": total}
        extraction = make_extraction(
            owner=owner,
            state="EXTRACTED",
            schema=schema,
            extracted_data=data,
            received_at=timezone.now() + timedelta(seconds=number),
            **fields,
        )
        for position, (path, value) in enumerate(data.items()):
            Value.objects.create(
                extraction=extraction, position=position, path=path, text=str(value), extracted=value,
                evidence="exact", page=1, boxes=[[0.1, 0.1, 0.2, 0.12]],
            )  # fmt: skip
        PageImage.objects.create(extraction=extraction, number=1, file="p.jpg", width=1400, height=1980)
        refresh_status(extraction)
        made.append(extraction)
    return made


def totals_of(schema, person, path="total"):
    return [row.entry.text for row in rows_of(schema, path, person)[0]]


@pytest.fixture
def schema(db):
    return make_schema()


def test_every_document_has_its_row_with_its_own_crop(at_the_desk, alice, schema):
    first, second = waiting_documents(alice, schema, [12.5, 99.5])

    page = text(at_the_desk.get(URL, {"schema": schema.pk, "field": "total"}))

    for extraction, total in ((first, "12.50"), (second, "99.50")):
        assert f'value="{total}"' in page
        assert f"{reverse('extractions:crop', args=[extraction.key, 1])}?v=" in page
    assert page.index(first.name) < page.index(second.name)


def test_what_a_person_answered_is_not_asked_again(at_the_desk, alice, schema):
    first, _second = waiting_documents(alice, schema, [12.5, 99.5])

    answer = at_the_desk.post(URL, {"key": first.key, "path": "total", "text": "12.50", "version": 0})

    assert answer.url == f"{URL}?schema={schema.pk}&field=total"
    assert totals_of(schema, alice) == ["99.50"]
    value = first.values.get(path="total")
    assert (value.corrected, value.confirmed_by) == (False, alice)


def test_a_wrong_value_is_corrected_in_its_row(at_the_desk, alice, schema):
    (extraction,) = waiting_documents(alice, schema, [12.5])

    at_the_desk.post(URL, {"key": extraction.key, "path": "total", "text": "21.50", "version": 0})

    value = extraction.values.get(path="total")
    assert (value.typed, value.extracted, value.corrected) == (21.5, 12.5, True)


@pytest.mark.parametrize("wrong", [{"text": "a lot"}, {"version": 7}])
def test_what_does_not_fit_is_told_and_changes_nothing(at_the_desk, alice, schema, wrong):
    (extraction,) = waiting_documents(alice, schema, [12.5])

    row = {"key": extraction.key, "path": "total", "text": "13", "version": 0} | wrong
    page = text(at_the_desk.post(URL, row, follow=True))

    assert f"{extraction.name}:" in page
    assert totals_of(schema, alice) == ["12.50"]


@pytest.mark.parametrize("row", [{}, {"key": "x", "version": "0"}, {"version": "0"}])
def test_a_row_that_makes_no_sense_is_refused(at_the_desk, row):
    assert at_the_desk.post(URL, row).status_code == 400


def test_strangers_see_and_change_nothing(client, charlie, alice, schema):
    (theirs,) = waiting_documents(alice, schema, [12.5])
    client.force_login(charlie)

    page = text(client.get(URL, {"schema": schema.pk, "field": "total"}))
    answer = client.post(URL, {"key": theirs.key, "path": "total", "text": "1", "version": 0})

    assert theirs.name not in page
    assert schema.name not in page
    assert answer.status_code == 404


def test_a_viewer_has_nothing_to_review(client, victor, alice, schema):
    (theirs,) = waiting_documents(alice, schema, [12.5])
    client.force_login(victor)

    assert theirs.name not in text(client.get(URL))
    assert client.post(URL, {"key": theirs.key, "path": "total", "text": "1", "version": 0}).status_code == 403


def test_a_document_in_other_hands_is_left_alone(alice, bob, schema):
    first, second = waiting_documents(alice, schema, [12.5, 99.5])
    assert review_queue.claim(Extraction.objects.get(pk=first.pk), bob)

    assert totals_of(schema, alice) == ["99.50"]
    assert [row.extraction for row in rows_of(schema, "total", bob)[0]] == [first, second]


def test_the_number_of_queries_does_not_grow_with_the_rows(at_the_desk, alice, schema):
    counts = []
    for many in (1, 12):
        waiting_documents(alice, schema, [12.5] * many)
        at_the_desk.get(URL)
        with CaptureQueriesContext(connection) as queries:
            at_the_desk.get(URL, {"schema": schema.pk, "field": "total"})
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("asked", [{"schema": "x"}, {"schema": "999999"}, {"field": "nothing.like[3]"}, {}])
def test_whatever_is_asked_for_there_is_a_page(at_the_desk, alice, schema, asked):
    waiting_documents(alice, schema, [12.5])

    assert at_the_desk.get(URL, asked).status_code == 200
