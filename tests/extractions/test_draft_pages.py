"""The pages of a draft: turned, left out, put in another order and cut before anything is sent."""

import json
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings
from django.urls import reverse

from extractions.intake.arrangement import InvalidArrangement, Sheet, arrangement_from, untouched
from extractions.models import Draft, Extraction
from extractions.models.provenance import ranges_of
from tests.extractions.test_drafts import FRAGMENT, batch, look, put, send  # noqa: F401
from tests.factories import jpeg, make_team, pdf
from tests.responses import text

CUT = [[[1, 0, 1], [2, 90, 1]], [[4, 0, 1], [3, 0, 0]]]
"""Two documents; page 2 turned, page 3 left out."""


@pytest.fixture
def scan(at_the_desk, batch):  # noqa: F811
    return put(at_the_desk, batch, name="scan.pdf")[1]


def url(name, draft, **more):
    return reverse(f"extractions:{name}", kwargs={"key": draft.key} | more)


def arrange(client, draft, arrangement):
    data = arrangement if isinstance(arrangement, str) else json.dumps(arrangement)
    return client.post(url("arrange_draft", draft), {"arrangement": data}, headers=FRAGMENT)


def split(client, draft, arrangement=None):
    if arrangement is not None:
        assert arrange(client, draft, arrangement).status_code == 204
    return client.post(url("split_draft", draft), headers=FRAGMENT)


def parts_of(draft):
    return list(Draft.objects.parts_of(draft).order_by("position"))


def rotations(row):
    with pikepdf.open(Path(settings.MEDIA_ROOT) / row.document) as file:
        return [int(page.obj.get("/Rotate", 0)) for page in file.pages]


def test_an_arrangement_is_remembered_and_sends_nothing(at_the_desk, scan):
    assert arrange(at_the_desk, scan, CUT).status_code == 204

    page = at_the_desk.get(url("arrange_draft", scan), headers=FRAGMENT).content.decode()
    assert json.dumps(CUT) in page
    assert not Extraction.objects.exists()
    assert not parts_of(scan)


@pytest.mark.parametrize(
    "arrangement",
    [
        "no JSON",
        "[" * 5000,
        [],
        [[]],
        [[[1, 0, 1], [2, 0, 1], [3, 0, 1]]],
        [[[1, 0, 1], [1, 0, 1], [2, 0, 1], [3, 0, 1], [4, 0, 1]]],
        [[[1, 45, 1], [2, 0, 1], [3, 0, 1], [4, 0, 1]]],
        [[[1, 0, 2], [2, 0, 1], [3, 0, 1], [4, 0, 1]]],
        [[[True, 0, 1], [2, 0, 1], [3, 0, 1], [4, 0, 1]]],
        [[["1", 0, 1], [2, 0, 1], [3, 0, 1], [4, 0, 1]]],
        {"1": 2},
    ],
)
def test_what_is_no_arrangement_of_these_pages_is_refused(at_the_desk, scan, arrangement):
    assert arrange(at_the_desk, scan, arrangement).status_code == 400

    scan.refresh_from_db()
    assert scan.arrangement == []


def test_each_part_becomes_a_file_of_its_own_that_names_its_origin(at_the_desk, scan):
    before = (Path(settings.MEDIA_ROOT) / scan.document).read_bytes()

    response = split(at_the_desk, scan, CUT)

    first, second = parts_of(scan)
    assert (first.name, second.name) == ("scan 1-2.pdf", "scan 4.pdf")
    assert (first.page_count, second.page_count) == (2, 1)
    assert (first.origin_pages, second.origin_pages) == ([1, 2], [4])
    assert rotations(first) == [0, 90]
    assert (Path(settings.MEDIA_ROOT) / scan.document).read_bytes() == before
    rows = text(response)
    assert "pages 1–2 of scan.pdf" in rows
    assert "page 4 of scan.pdf" in rows
    assert str(scan.key) in rows


def test_the_parts_stand_where_the_file_stood(at_the_desk, batch, scan):  # noqa: F811
    other = put(at_the_desk, batch, content=pdf(1), name="other.pdf")[1]

    split(at_the_desk, scan, CUT)

    shown = Draft.objects.in_batch(scan.owner, batch)
    assert [row.name for row in shown] == ["scan 1-2.pdf", "scan 4.pdf", other.name]


def test_arranging_again_replaces_the_parts_but_keeps_those_that_stay(at_the_desk, scan):
    split(at_the_desk, scan, CUT)
    kept, replaced = parts_of(scan)

    split(at_the_desk, kept, [CUT[0], [[3, 0, 1]], [[4, 0, 1]]])

    first, second, third = parts_of(scan)
    assert first.pk == kept.pk
    assert (second.name, third.pk) == ("scan 3.pdf", replaced.pk)
    split(at_the_desk, scan, untouched(4).as_json())
    assert not parts_of(scan)
    assert [row.pk for row in Draft.objects.in_batch(scan.owner, scan.batch)] == [scan.pk]


def test_a_double_click_makes_the_files_once(at_the_desk, scan):
    split(at_the_desk, scan, CUT)
    before = parts_of(scan)

    split(at_the_desk, scan)

    assert parts_of(scan) == before


def test_a_file_that_is_arranged_but_not_made_is_not_sent_as_it_came(at_the_desk, team, batch, scan):  # noqa: F811
    arrange(at_the_desk, scan, CUT)

    assert "arranged as 2 documents" in look(at_the_desk, batch, team)
    assert "arranged as 2 documents" in text(send(at_the_desk, scan, team))
    assert not Extraction.objects.exists()


def test_documents_name_their_origin_and_lead_to_each_other(at_the_desk, team, scan):
    split(at_the_desk, scan, CUT)
    first, second = parts_of(scan)
    send(at_the_desk, first, team)
    send(at_the_desk, second, team)

    one, two = Extraction.objects.order_by("pk")
    assert one.page_count == 2
    page = text(at_the_desk.get(one.get_absolute_url()))
    assert "pages 1–2 of scan.pdf" in page
    assert two.get_absolute_url() in page
    assert not Draft.objects.exists()
    assert not (Path(settings.MEDIA_ROOT) / scan.document).exists()


def test_siblings_in_other_teams_stay_hidden(at_the_desk, team, scan):
    split(at_the_desk, scan, CUT)
    for part in parts_of(scan):
        send(at_the_desk, part, team)
    one, two = Extraction.objects.order_by("pk")
    Extraction.objects.filter(pk=two.pk).update(team=make_team("Another"))

    assert two.get_absolute_url() not in text(at_the_desk.get(one.get_absolute_url()))


def test_once_a_part_is_sent_the_pages_stay_as_they_are(at_the_desk, team, scan):
    split(at_the_desk, scan, CUT)
    first, second = parts_of(scan)
    send(at_the_desk, first, team)

    response = split(at_the_desk, second, untouched(4).as_json())

    assert response.status_code == 409
    assert "paid for twice" in text(response)
    assert [row.pk for row in parts_of(scan)] == [second.pk]


def test_without_any_page_there_is_nothing_to_make(at_the_desk, scan):
    response = split(at_the_desk, scan, [[[page, 0, 0] for page in range(1, 5)]])

    assert response.status_code == 409
    assert "all of its pages are left out" in text(response)


def test_a_picture_has_no_pages_to_arrange(at_the_desk, batch):  # noqa: F811
    picture = put(at_the_desk, batch, content=jpeg(), name="photo.jpg")[1]

    assert split(at_the_desk, picture).status_code == 409
    assert at_the_desk.get(url("arrange_draft", picture), headers=FRAGMENT).status_code == 409


def test_the_last_part_that_is_removed_takes_the_file_with_it(at_the_desk, scan):
    split(at_the_desk, scan, CUT)

    for part in parts_of(scan):
        at_the_desk.post(url("remove_draft", part), headers=FRAGMENT)

    assert not Draft.objects.exists()
    assert not (Path(settings.MEDIA_ROOT) / scan.document).exists()


def test_a_chosen_range_begins_as_pages_left_out(at_the_desk, scan):
    at_the_desk.post(url("draft", scan), {"pdf_page_start": 2, "pdf_page_end": 3}, headers=FRAGMENT)

    page = at_the_desk.get(url("arrange_draft", scan), headers=FRAGMENT).content.decode()

    assert "[[[1, 0, 0], [2, 0, 1], [3, 0, 1], [4, 0, 0]]]" in page


def test_thumbnails_come_in_batches(at_the_desk, batch):  # noqa: F811
    long = put(at_the_desk, batch, content=pdf(23))[1]

    there = [at_the_desk.get(url("draft_sheets", long, first=first), headers=FRAGMENT) for first in (1, 11, 21, 31)]

    assert [len(response.json()["sheets"]) for response in there] == [10, 10, 3, 0]
    assert there[0].json()["sheets"]["1"].startswith("data:image/jpeg;base64,")


def test_more_parts_than_files_are_allowed_are_refused(at_the_desk, scan, settings):
    settings.DRAFTS_MAX_FILES = 3

    response = split(at_the_desk, scan, [[[page, 0, 1]] for page in range(1, 5)])

    assert response.status_code == 409
    assert not parts_of(scan)


def test_folders_tell_equal_names_apart_and_are_no_reason_to_pay_twice(at_the_desk, team, batch):  # noqa: F811
    one = put(at_the_desk, batch, name="r1.pdf", folder="2024/March")[1]
    two = put(at_the_desk, batch, name="r1.pdf", folder="2024/../April\n")[1]

    assert (one.folder, two.folder) == ("2024/March", "2024/April")
    assert "Here twice" in look(at_the_desk, batch, team, folder_as_metadata="on")
    send(at_the_desk, one, team, folder_as_metadata="on")
    assert "Same file as" in text(send(at_the_desk, two, team, folder_as_metadata="on"))
    sent = Extraction.objects.get()
    assert sent.metadata == {"folder": "2024/March"}
    assert "2024/March" in text(at_the_desk.get(sent.get_absolute_url()))
    assert "2024/March" in text(at_the_desk.get(reverse("extractions:list")))


def test_a_folder_is_no_metadata_unless_wished(at_the_desk, team, batch):  # noqa: F811
    row = put(at_the_desk, batch, name="r1.pdf", folder="2024/March")[1]

    send(at_the_desk, row, team)

    assert Extraction.objects.get().metadata == {}
    assert Extraction.objects.get().folder == "2024/March"


def test_ranges_read_well():
    assert ranges_of([3, 4, 5, 9]) == "3–5, 9"
    assert ranges_of([5, 4]) == "5, 4"
    assert ranges_of([]) == ""


def test_pages_may_be_in_any_order_but_each_only_once():
    assert arrangement_from([[[2, 0, 1]], [[1, 270, 0]]], 2).kept == [(Sheet(2),)]
    with pytest.raises(InvalidArrangement):
        arrangement_from([[[1, 0, 1]]], 2)
