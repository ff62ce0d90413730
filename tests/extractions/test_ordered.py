"""JSON comes back as it was put in, on every database."""

import pytest

from extractions.models import Extraction
from tests.factories import make_extraction


@pytest.mark.parametrize(
    "value",
    [
        {"zebra": 1, "apple": {"m": 1, "b": [2, {"z": None, "a": "\u0000"}]}},
        ["b", "a"],
        "only a text",
        4.5,
        0,
        False,
        None,
        {},
    ],
)
def test_order_and_odd_characters_survive(alice, value):
    saved = make_extraction(owner=alice, state="EXTRACTED", extracted_data=value)

    found = Extraction.objects.get(pk=saved.pk).extracted_data

    assert found == value
    assert repr(found) == repr(value)
