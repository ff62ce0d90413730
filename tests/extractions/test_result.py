import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from extractions.models import PageImage, Value
from tests.factories import make_classifier, make_content_image, make_extraction, make_schema
from tests.responses import text

FRAGMENT = {"HX-Request": "true"}
STATES = [
    "QUEUED",
    "SENDING",
    "SENT",
    "CHECKING",
    "UNDECIDED",
    "RUNNING",
    "EXTRACTED",
    "FAILED",
    "REJECTED",
    "CANCELLED",
]
TABS = ["fields", "tables", "pictures", "text", "json", "history"]


def on_its_way(state):
    return {"next_try_at": timezone.now()} if state in {"SENDING", "SENT"} else {}


def test_other_peoples_documents_are_not_found(client, alice, charlie):
    theirs = make_extraction(owner=charlie)
    client.force_login(alice)

    assert client.get(theirs.get_absolute_url()).status_code == 404
    assert client.get(reverse("extractions:progress", args=[theirs.key]), headers=FRAGMENT).status_code == 404


def test_a_colleagues_document_is_shown(client, alice, bob):
    theirs = make_extraction(owner=bob, state="EXTRACTED")
    client.force_login(alice)

    assert theirs.name in text(client.get(theirs.get_absolute_url()))


def test_a_deleted_document_is_not_found(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED", delete_requested_at=timezone.now())

    assert at_the_desk.get(extraction.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("state", STATES)
def test_every_tab_opens_in_every_state(at_the_desk, alice, state):
    extraction = make_extraction(owner=alice, state=state, **on_its_way(state))

    for tab in TABS:
        assert extraction.name in text(at_the_desk.get(extraction.get_absolute_url(), {"tab": tab}))


ODD_DATA = [
    None,
    [],
    {},
    "",
    "words",
    '{"total": 5}',
    12.5,
    0,
    True,
    [1, 2],
    [{"a": 1}, "b", None, [2]],
    [[1, 2], [3]],
    {"Fällig am.": {"x": [{"y": [1, {"z": None}]}]}},
    {"a": "<script>alert(1)</script>", "b" * 300: "long " * 500},
    {"total": {"value": 5, "page": 1}, "invoice_number": ["INV-1", "INV-2"]},
    {"total": {"amount": 5, "iso_4217_currency_code": None}},
    {"total": 1e300, "invoice_number": float(10**20)},
]


@pytest.mark.parametrize("data", ODD_DATA, ids=lambda data: json.dumps(data)[:30])
@pytest.mark.parametrize("with_schema", [True, False])
def test_data_of_any_shape_is_shown(at_the_desk, alice, data, with_schema):
    schema = make_schema() if with_schema else None
    extraction = make_extraction(owner=alice, state="EXTRACTED", schema=schema, extracted_data=data, raw=data)

    for tab in ("fields", "tables", "json"):
        response = at_the_desk.get(extraction.get_absolute_url(), {"tab": tab}, headers=FRAGMENT)
        assert response.status_code == 200
        assert "<script>alert" not in text(response)


@pytest.mark.parametrize(
    "schema",
    [None, {}, {"properties": None}, {"properties": {"a": None}}, {"properties": {"a": {"type": ["null"]}}}, []],
)
def test_a_schema_of_any_shape_does_no_harm(at_the_desk, alice, schema):
    extraction = make_extraction(owner=alice, state="EXTRACTED", schema=make_schema(schema=schema))

    assert "INV-1" in text(at_the_desk.get(extraction.get_absolute_url()))


@pytest.mark.parametrize(
    "oddity",
    [
        {"status": "DREAMING"},
        {"extraction_step": "SLEEPWALKING"},
        {"extraction_step": ""},
        {"server": "MARS-9"},
        {"content": None},
        {"content": ""},
        {"document_name": None},
        {"classifier_result": "Invoice"},
        {"metadata": {"": "", "ключ": "значение"}},
        {"credit_used": None, "extraction_time": None},
        {"credit_used": 0, "extraction_time": 0.0},
        {"steps_seen": {"SLEEPWALKING": "not a time", "OCR": "2026-11-23T10:00:00+00:00"}},
        {"workflow": "w", "workflow_session_id": 1758718492},
        {"unknown_fields": ["x_new"]},
        {"owner": None},
        {"document": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("state", ["RUNNING", "EXTRACTED", "FAILED"])
def test_oddities_of_the_service_are_shown_and_break_nothing(at_the_desk, alice, team, oddity, state):
    extraction = make_extraction(owner=alice, state=state)
    type(extraction).objects.filter(pk=extraction.pk).update(**oddity)

    assert at_the_desk.get(extraction.get_absolute_url()).status_code == 200
    for tab in TABS:
        assert at_the_desk.get(extraction.get_absolute_url(), {"tab": tab}, headers=FRAGMENT).status_code == 200


def test_an_unknown_status_and_step_are_shown_with_their_raw_words(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="RUNNING", status="DREAMING", extraction_step="SLEEPWALKING")

    assert "SLEEPWALKING" in text(at_the_desk.get(extraction.get_absolute_url()))
    assert "DREAMING" in text(at_the_desk.get(extraction.get_absolute_url(), {"tab": "history"}))


def test_fields_come_in_the_schemas_order_and_words(at_the_desk, alice):
    schema = make_schema(
        schema={
            "type": "object",
            "properties": {
                "total": {"type": "number", "title": "Total, incl. tax"},
                "seller": {"type": "object", "properties": {"vat_number": {"type": "string"}}},
                "due_date": {"type": "string"},
                "lines": {"type": "array", "items": {"type": "object", "properties": {"quantity": {"type": "number"}}}},
                "discount": {"type": "number"},
            },
        }
    )
    data = {
        "lines": [{"quantity": 3, "note": "fragile"}],
        "due_date": "2026-12-17",
        "seller": {"vat_number": "FR 1"},
        "total": 1248.4,
        "extra": True,
    }
    extraction = make_extraction(owner=alice, state="EXTRACTED", schema=schema, extracted_data=data)

    page = text(at_the_desk.get(extraction.get_absolute_url())).split('id="result-body"')[1]

    order = [
        "Total, incl. tax",
        "1,248.40",
        "Due date",
        "17 Dec 2026",
        "Extra",
        "Yes",
        "VAT number",
        "FR 1",
        "fragile",
    ]
    places = [page.index(word) for word in order]
    assert places == sorted(places)
    assert "1 field without a value" in page


def test_numbers_and_dates_follow_the_language(at_the_desk, alice):
    data = {"total": 1248.4, "due_date": "2026-12-17"}
    extraction = make_extraction(owner=alice, state="EXTRACTED", extracted_data=data, schema=make_schema())

    page = at_the_desk.get(extraction.get_absolute_url(), headers={"Accept-Language": "fr"}).content.decode()

    assert "1\xa0248,40" in page
    assert "17 décembre 2026" in page


def test_boxes_are_numbers_for_svg_in_every_language(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED", schema=make_schema())
    PageImage.objects.create(extraction=extraction, number=1, file="p.jpg", width=1400, height=1980)
    Value.objects.create(extraction=extraction, position=0, path="total", page=1, boxes=[[0.25, 0.5, 0.75, 0.525]])

    with translation.override("fr"):
        page = at_the_desk.get(extraction.get_absolute_url(), headers={"Accept-Language": "fr"}).content.decode()

    assert 'viewBox="0 0 1400 1980"' in page
    assert 'x="346" y="986" width="707" height="57"' in page


def test_a_field_leads_to_its_place_and_the_place_to_its_field(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED", schema=make_schema())
    PageImage.objects.create(extraction=extraction, number=2, file="p.jpg", width=1400, height=1980)
    Value.objects.create(extraction=extraction, position=0, path="total", page=2, boxes=[[0.1, 0.1, 0.2, 0.2]])

    page = text(at_the_desk.get(extraction.get_absolute_url()))

    assert 'href="#place-field-2"' in page
    assert 'id="place-field-2"' in page
    assert 'href="#field-2"' in page
    assert 'id="field-2"' in page
    assert "no place" in page


@pytest.mark.parametrize(
    "boxes", [None, "x", [1], [[1, 2, 3]], [["a", 0, 1, 1]], [[0.5, 0.5, 0.1, 0.1]], [[-1, 0, 9, 1]]]
)
def test_boxes_of_any_shape_do_no_harm(at_the_desk, alice, boxes):
    extraction = make_extraction(owner=alice, state="EXTRACTED", schema=make_schema())
    PageImage.objects.create(extraction=extraction, number=1, file="p.jpg", width=1400, height=1980)
    Value.objects.create(extraction=extraction, position=0, path="total", page=1, boxes=boxes or [])

    assert at_the_desk.get(extraction.get_absolute_url()).status_code == 200


def test_a_document_without_a_schema_opens_on_its_text(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED", extracted_data=None, content="# Hello\n\nworld")

    page = text(at_the_desk.get(extraction.get_absolute_url()))
    fields = text(at_the_desk.get(extraction.get_absolute_url(), {"tab": "fields"}))

    assert "<h1>Hello</h1>" in page
    assert "This document was read without a schema." in fields


def test_a_schema_that_found_nothing_says_so_and_why(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED", schema=make_schema("Invoice"), extracted_data=None)

    page = text(at_the_desk.get(extraction.get_absolute_url()))

    assert "The service returned no value for the 2 fields of Invoice." in page


def test_what_was_read_before_a_failure_can_be_seen(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="FAILED", schema=make_schema(), content="# Page one")

    fields = text(at_the_desk.get(extraction.get_absolute_url()))
    words = text(at_the_desk.get(extraction.get_absolute_url(), {"tab": "text"}))

    assert 'href="?tab=text">See the text' in fields
    assert "<h1>Page one</h1>" in words


def test_pictures_in_the_text_are_the_documents_own(at_the_desk, alice):
    content = "![a](_page_0_Picture_0.jpeg) ![b](http://evil.example/b.png) <img src=x onerror=alert(1)>"
    extraction = make_extraction(owner=alice, state="EXTRACTED", extracted_data=None, content=content)
    make_content_image(extraction, b"jpeg")

    page = text(at_the_desk.get(extraction.get_absolute_url()))

    assert f'src="{reverse("extractions:picture", args=[extraction.key, 0])}"' in page
    assert "evil.example" not in page
    assert "<img src=x" not in page


def test_a_long_text_comes_in_parts(at_the_desk, alice):
    content = "\n\n".join(f"Paragraph {number} " + "words " * 200 for number in range(200))
    extraction = make_extraction(owner=alice, state="EXTRACTED", extracted_data=None, content=content)

    first = text(at_the_desk.get(extraction.get_absolute_url(), {"tab": "text"}))
    last = text(at_the_desk.get(extraction.get_absolute_url(), {"tab": "text", "part": 99999}))

    assert "Paragraph 0 " in first
    assert "Paragraph 199 " not in first
    assert "Paragraph 199 " in last


@pytest.mark.parametrize("part", ["", "0", "-1", "x", "9" * 50, "²"])
def test_a_part_that_is_none_shows_another(at_the_desk, alice, part):
    extraction = make_extraction(owner=alice, state="EXTRACTED")

    assert at_the_desk.get(extraction.get_absolute_url(), {"tab": "text", "part": part}).status_code == 200


def test_pictures_without_names_or_files_are_reported(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED")
    make_content_image(extraction, b"jpeg", name=None)
    make_content_image(extraction, error_code="HTTP 404")

    page = text(at_the_desk.get(extraction.get_absolute_url(), {"tab": "pictures"}))

    assert reverse("extractions:picture", args=[extraction.key, 0]) in page
    assert "could not be fetched: HTTP 404" in page


def test_the_raw_answer_is_shown_whole_and_escaped(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED", raw={"x_new": "</pre><b>", "é": 1})

    page = at_the_desk.get(extraction.get_absolute_url(), {"tab": "json"}).content.decode()

    assert "&lt;/pre&gt;&lt;b&gt;" in page
    assert "&quot;é&quot;: 1" in page


def test_a_tab_alone_is_a_fragment(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED")

    response = at_the_desk.get(extraction.get_absolute_url(), {"tab": "json"}, headers=FRAGMENT)

    assert "<html" not in text(response)
    assert 'id="result"' in text(response)
    assert "HX-Request" in response.headers["Vary"]


def test_a_viewer_sees_no_buttons_that_change_something(client, victor, alice):
    failed = make_extraction(owner=alice, state="FAILED")
    done = make_extraction(owner=alice, state="EXTRACTED")
    client.force_login(victor)

    assert "Try again" not in text(client.get(failed.get_absolute_url()))
    assert "Delete" not in text(client.get(done.get_absolute_url())).split("<dialog")[0]


def test_facts_stand_in_the_head(at_the_desk, alice):
    extraction = make_extraction(
        owner=alice,
        state="EXTRACTED",
        schema=make_schema("Till receipt"),
        classifier=make_classifier("Kinds"),
        classifier_result="Receipt",
        server="FR-3",
        metadata={"project": "B-204"},
        page_count=9,
        pdf_page_start=2,
        pdf_page_end=4,
    )

    page = text(at_the_desk.get(extraction.get_absolute_url()))

    for fact in ("Till receipt", "Kinds: Receipt", "FR-3", "project=B-204", "2–4 of 9", "from Alice"):
        assert fact in page


@pytest.mark.parametrize("tab", TABS)
def test_the_number_of_queries_does_not_grow_with_the_result(at_the_desk, alice, tab):
    counts = []
    for many in (1, 20):
        data = {f"field_{number}": "x" for number in range(many)}
        extraction = make_extraction(owner=alice, state="EXTRACTED", schema=make_schema(), extracted_data=data)
        for number in range(many):
            place = {"page": number + 1, "boxes": [[0, 0, 0.1, 0.1]]}
            Value.objects.create(extraction=extraction, position=number, path=f"field_{number}", **place)
            PageImage.objects.create(extraction=extraction, number=number + 1, file="p.jpg", width=1400, height=1980)
            make_content_image(extraction, b"jpeg")
        at_the_desk.get(extraction.get_absolute_url(), {"tab": tab})
        with CaptureQueriesContext(connection) as queries:
            at_the_desk.get(extraction.get_absolute_url(), {"tab": tab})
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= (18 if tab == "history" else 14)  # the audit log's lines, exports and guests that had it
