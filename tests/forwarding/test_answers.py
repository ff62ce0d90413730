from datetime import UTC, datetime

import pytest

from extractions.forwarding.api.answers import read_answer, read_json
from extractions.result.json_text import storable


def test_a_complete_answer_is_read():
    answer = read_answer(
        {
            "id": "300f339f-da71-4f9f-80f6-c25a63baae75",
            "document_name": "invoice.pdf",
            "content_images": [{"name": "_page_0.jpeg", "url": "/images/1/", "id": "i"}, {"name": None, "url": "/2/"}],
            "status": "FINISHED",
            "extraction_step": "LOCATION",
            "extraction_time": 41.09,
            "credit_used": 3,
            "workflow_session_id": 1758718492,
            "metadata": {"portal_key": "k"},
            "created_at": "2025-06-12T14:56:10.682461Z",
            "extracted_data": {"total": 1},
        }
    )

    assert (answer.status, answer.extraction_time, answer.credit_used) == ("FINISHED", 41.09, 3)
    assert [(picture.name, picture.url) for picture in answer.content_images] == [
        ("_page_0.jpeg", "/images/1/"),
        (None, "/2/"),
    ]
    assert answer.created_at == datetime(2025, 6, 12, 14, 56, 10, 682461, tzinfo=UTC)
    assert answer.portal_key == "k"
    assert answer.unknown_fields == ()


@pytest.mark.parametrize("value", [None, [], "x", 3, {}, {"id": None}, {"id": ""}, {"id": "../.."}, {"id": {"a": 1}}])
def test_without_an_id_that_can_be_read_there_is_no_answer(value):
    if value == "x" or value == 3:
        return
    assert read_answer(value) is None


def test_an_answer_with_nothing_but_an_id_is_enough():
    answer = read_answer({"id": 7})

    assert (answer.id, answer.status, answer.content_images, answer.metadata) == ("7", "", (), {})


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("status", "ARCHIVED", "ARCHIVED"),
        ("status", None, ""),
        ("extraction_step", 5, "5"),
        ("extraction_time", "41.5", 41.5),
        ("extraction_time", True, None),
        ("extraction_time", "soon", None),
        ("credit_used", 3.0, 3),
        ("credit_used", 10**30, None),
        ("workflow_session_id", 2**63, None),
        ("workflow", {"id": "w-1", "name": "Flow"}, "w-1"),
        ("metadata", None, {}),
        ("metadata", '{"a": "b"}', {"a": "b"}),
        ("metadata", ["x"], {}),
        ("created_at", "2025-06-12T14:56:10+00:00", datetime(2025, 6, 12, 14, 56, 10, tzinfo=UTC)),
        ("created_at", "2025-06-12T14:56:10", datetime(2025, 6, 12, 14, 56, 10, tzinfo=UTC)),
        ("created_at", "2025-99-99T00:00:00Z", None),
        ("created_at", 5, None),
        ("content", None, None),
        ("content", "", ""),
        ("extracted_data", '{"total": 1}', {"total": 1}),
        ("extracted_data", "[1]", [1]),
        ("extracted_data", "{not json", "{not json"),
        ("extracted_data", "text", "text"),
        ("content_images", None, ()),
        ("content_images", [{"name": "no url"}, None, 3], ()),
        ("document_name", "x" * 900, "x" * 500),
    ],
)
def test_what_is_of_another_type_breaks_nothing(field, value, read):
    assert getattr(read_answer({"id": "1", field: value}), field) == read


def test_unknown_fields_are_listed_and_kept():
    raw = {"id": "1", "confidence": 0.9, "content_images": [{"url": "/1/", "width": 5}], "x_locations": {}}

    answer = read_answer(raw)

    assert answer.unknown_fields == ("confidence", "content_images[].width")
    assert answer.raw == raw


def test_what_no_database_takes_is_made_storable():
    assert read_json(b'{"a\\u0000": ["\\ud800x", NaN, Infinity, 1e999, "\\ud83d\\ude00"]}') == {
        "a\ufffd": ["\ufffdx", "NaN", "Infinity", "1e999", "😀"]
    }
    assert storable({"a": [True, None, 1, 1.5, "b"]}) == {"a": [True, None, 1, 1.5, "b"]}
