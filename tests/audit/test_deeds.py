"""What people do with documents leaves lines; what the portal does by itself leaves none."""

import pytest
from django.urls import reverse

from portal.audit.models import Entry
from tests.factories import State, make_extraction

pytestmark = pytest.mark.django_db


def lines():
    entries = Entry.objects.exclude(action__in=["signed_in", "access_refused"]).order_by("pk")
    return [(line.person_name, line.action, line.after) for line in entries]


@pytest.mark.parametrize(
    ("state", "deed", "data", "line"),
    [
        (State.QUEUED, "cancel", {}, ("cancelled", None)),
        (State.QUEUED, "delete", {}, ("deleted", {"for_good": True})),
        (State.REJECTED, "try_again", {}, ("tried_again", None)),
        (State.UNDECIDED, "decide", {"choice": "send"}, ("decided", {"choice": "send"})),
    ],
)
def test_deed_is_a_line_and_doing_it_twice_is_still_one(client, alice, state, deed, data, line):
    extraction = make_extraction(owner=alice, state=state)
    client.force_login(alice)

    for _ in range(2):
        client.post(reverse(f"extractions:{deed}", args=[extraction.key]), data)

    assert lines() == [("Alice", *line)]
    assert Entry.objects.exclude(action__in=["signed_in", "access_refused"]).get().subject_id == str(extraction.key)


def test_looking_and_opening_the_file_are_lines(client, alice):
    extraction = make_extraction(owner=alice, state=State.EXTRACTED)
    client.force_login(alice)

    client.get(extraction.get_absolute_url())
    client.get(reverse("extractions:document", args=[extraction.key]))

    assert [action for _, action, _ in lines()] == ["seen", "file_seen"]


def test_stranger_leaves_no_line_about_the_document(client, alice, charlie):
    extraction = make_extraction(owner=alice, state=State.EXTRACTED)
    client.force_login(charlie)

    client.get(extraction.get_absolute_url())
    client.post(reverse("extractions:delete", args=[extraction.key]))

    assert lines() == []
    assert not Entry.objects.about("extraction", str(extraction.key)).exists()


def test_lines_hold_no_text_of_the_document(client, alice):
    secret = "the text of the document"
    extraction = make_extraction(owner=alice, state=State.EXTRACTED, content=secret, extracted_data={"a": secret})
    client.force_login(alice)

    client.get(extraction.get_absolute_url())
    client.get(reverse("extractions:raw", args=[extraction.key]))
    client.post(reverse("extractions:delete", args=[extraction.key]))

    assert len(lines()) >= 2
    assert secret not in repr(list(Entry.objects.values()))
