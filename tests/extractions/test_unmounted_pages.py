"""What people meet while the folder of files is not mounted, or is not this portal's."""

from __future__ import annotations

import shutil
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from extractions.forwarding.steps import clone_guard
from extractions.models import Draft, Extraction
from tests.factories import State, make_extraction, make_page, pdf

SENTENCE = "The folder of files cannot be reached at the moment."


@pytest.fixture
def read(alice, client):
    """A document that was read, with a page."""
    client.force_login(alice)
    row = make_extraction(owner=alice, state=State.EXTRACTED)
    make_page(row)
    clone_guard.is_recognised()
    return row


def unmount(settings):
    shutil.move(settings.MEDIA_ROOT, settings.MEDIA_ROOT.with_name("away"))
    settings.MEDIA_ROOT.mkdir()


def elsewhere(settings):
    """As a process has it that was started with another DATA_DIR: a copy, marker and all."""
    folder = settings.DATA_DIR.with_name("elsewhere")
    shutil.copytree(settings.DATA_DIR, folder)
    settings.DATA_DIR, settings.MEDIA_ROOT = folder, folder / "files"


@pytest.fixture(params=[unmount, elsewhere])
def away(request, read, settings):
    request.param(settings)


def files_of(settings):
    return {path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["upload", "drafts"])
@pytest.mark.parametrize("script", [True, False])
def test_an_upload_is_refused_with_a_sentence(client, team, away, settings, name, script):
    before = files_of(settings)
    data = {
        "document": SimpleUploadedFile("a.pdf", pdf()),
        "batch": str(uuid.uuid4()),
        "team": team.pk,
        "server": "FR-1",
    }

    answer = client.post(reverse(f"extractions:{name}"), data, headers={"HX-Request": "true"} if script else {})

    assert answer.status_code == 503
    assert SENTENCE in answer.content.decode()
    assert answer.headers["Retry-After"]
    assert answer.headers["Content-Type"].startswith("text/plain" if script else "text/html")
    assert files_of(settings) == before
    assert not Draft.objects.exists()
    assert Extraction.objects.count() == 1


@pytest.mark.parametrize("name", ["dashboard", "list", "upload", "review_queue", "exports"])
def test_pages_without_files_still_answer(client, away, name):
    assert client.get(reverse(f"extractions:{name}")).status_code == 200


def test_the_page_of_a_document_says_so_and_shows_its_values(client, read, away):
    page = client.get(read.get_absolute_url()).content.decode()

    assert "The folder of files is not reachable now." in page
    assert "INV-1" in page


def test_files_are_not_there_for_now_rather_than_for_good(client, read, settings):
    unmount(settings)

    for address in (
        reverse("extractions:document", args=[read.key]),
        reverse("extractions:page", args=[read.key, 1]),
    ):
        answer = client.get(address)
        assert answer.status_code == 503, address
        assert SENTENCE in answer.content.decode()


def test_a_file_that_is_missing_in_a_folder_that_is_there_is_not_found(client, read):
    read.document.storage.delete(read.document.name)

    assert client.get(reverse("extractions:document", args=[read.key])).status_code == 404


def test_extracting_again_waits_for_the_folder(client, read, away):
    answer = client.post(reverse("extractions:again", args=[read.key]))

    assert answer.status_code == 503
    assert Extraction.objects.count() == 1


def test_an_archive_is_not_made_without_its_originals(client, read, settings):
    unmount(settings)
    address = reverse("extractions:new_export")

    answer = client.post(address, {"form": "zip", "separator": "comma"})

    assert answer.status_code == 503
