"""The same file is not paid twice by mistake, and again where it is meant."""

import uuid
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from extractions.models import Extraction
from tests.factories import make_extraction, pdf
from tests.responses import text

URL = reverse("extractions:upload")


def given(name: str = "invoice.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content)


def form(team, *files, **fields):
    return {"batch": uuid.uuid4(), "team": team.pk, "server": "FR-1", "document": list(files)} | fields


def test_a_double_click_makes_one_document(at_the_desk, team):
    data = form(team, given(), given("other.pdf", pdf(2)))

    at_the_desk.post(URL, data)
    for file in data["document"]:
        file.seek(0)
    at_the_desk.post(URL, data)

    assert Extraction.objects.count() == 2


def test_the_same_page_sends_the_same_file_again_with_other_options(at_the_desk, team):
    data = form(team, given())

    at_the_desk.post(URL, data)
    at_the_desk.post(URL, data | {"document": [given()], "server": "EU-1"})

    assert set(Extraction.objects.values_list("server", flat=True)) == {"FR-1", "EU-1"}


def test_the_same_file_with_the_same_options_is_not_paid_twice(at_the_desk, team, settings):
    at_the_desk.post(URL, form(team, given("first.pdf")))

    page = text(at_the_desk.post(URL, form(team, given("renamed.pdf"))))

    earlier = Extraction.objects.get()
    assert "Same file" in page
    assert earlier.get_absolute_url() in page
    assert reverse("extractions:again", args=[earlier.key]) in page
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*.pdf") if path.is_file()] == [
        Path(earlier.document.path)
    ]


def test_a_strangers_same_file_is_not_told_of(at_the_desk, team, charlie):
    make_extraction(owner=charlie, content_of_file=pdf(), state="EXTRACTED", name="secret.pdf")

    response = at_the_desk.post(URL, form(team, given()))

    assert response.status_code == 302
    assert Extraction.objects.filter(team=team).count() == 1


def test_a_failed_reading_does_not_stand_in_the_way(at_the_desk, team, alice):
    make_extraction(owner=alice, content_of_file=pdf(), state="FAILED")

    at_the_desk.post(URL, form(team, given()))

    assert Extraction.objects.count() == 2


def test_a_deleted_document_is_not_offered_as_a_result(at_the_desk, team, alice):
    earlier = make_extraction(owner=alice, content_of_file=pdf(), state="EXTRACTED")
    earlier.request_deletion()

    at_the_desk.post(URL, form(team, given()))

    assert Extraction.objects.visible_to(alice).exclude(pk=earlier.pk).count() == 1
