"""Files that cost much to look into: they are bounded, by person and in all, and other people's files go on."""

import io
import struct
import threading
import uuid
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from extractions.intake import receiving
from extractions.intake.inspection_slots import MAX_PER_PERSON, Busy, InspectionSlots, inspection_slot
from extractions.intake.receiving import Refused
from extractions.models import Draft, Extraction
from extractions.views import uploads
from reading import binding
from reading.errors import OutputTooLarge, TooLarge
from tests.factories import make_person, pdf
from tests.responses import text

FILES, UPLOAD = reverse("extractions:drafts"), reverse("extractions:upload")
FRAGMENT = {"HX-Request": "true"}


def given(name="invoice.pdf", content=None):
    return SimpleUploadedFile(name, pdf() if content is None else content)


def drop(client, *files, **fields):
    return client.post(FILES, {"batch": uuid.uuid4(), "document": list(files)} | fields, headers=FRAGMENT)


def png_of(width, height):
    """One that claims so many pixels and holds none of them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", b""), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def noisy_jpeg(side):
    packed = io.BytesIO()
    Image.effect_noise((side, side), 100).save(packed, "JPEG", quality=95)
    return packed.getvalue()


def test_a_person_has_some_places_and_others_have_theirs():
    admission = InspectionSlots(per_person=2)

    with admission.slot(1, 3), admission.slot(1, 3):
        with pytest.raises(Busy), admission.slot(1, 3):
            pass
        with admission.slot(2, 3), pytest.raises(Busy), admission.slot(3, 3):
            pass
    with admission.slot(1, 3), admission.slot(1, 3):
        pass


def test_a_place_is_given_back_after_an_error():
    admission = InspectionSlots(per_person=1)

    with pytest.raises(Refused), admission.slot(1, 1):
        raise Refused("type")

    with admission.slot(1, 1):
        pass


def test_who_sends_too_many_at_once_is_asked_to_come_again(at_the_desk, client, alice, bob, settings):
    settings.WEB_THREADS = 2 * MAX_PER_PERSON + 2
    with inspection_slot(alice.pk), inspection_slot(alice.pk), inspection_slot(alice.pk):
        refused = drop(at_the_desk, given("fourth.pdf"))
        client.force_login(bob)
        taken = drop(client, given("of-bob.pdf"))

    assert (refused.status_code, refused["Retry-After"]) == (503, "2")
    assert "busy looking into other files" in text(refused)
    assert taken.status_code == 200
    assert [draft.owner for draft in Draft.objects.all()] == [bob]


def test_half_of_the_threads_stay_free_for_pages(at_the_desk, alice, bob, team, settings):
    settings.WEB_THREADS = 4
    with inspection_slot(bob.pk), inspection_slot(bob.pk):
        response = drop(at_the_desk, given())

    assert response.status_code == 503


def test_a_form_without_script_tells_it_on_the_page(at_the_desk, alice, team):
    fields = {"batch": uuid.uuid4(), "team": team.pk, "server": "FR-1", "document": [given("one.pdf")]}
    with inspection_slot(alice.pk), inspection_slot(alice.pk), inspection_slot(alice.pk):
        response = at_the_desk.post(UPLOAD, fields)

    assert response.status_code == 503
    assert "one.pdf" in text(response)
    assert "busy looking into other files" in text(response)
    assert not Extraction.objects.exists()


def test_places_hold_for_threads(alice, settings):
    settings.WEB_THREADS = 100
    inside, turned_away = threading.Barrier(MAX_PER_PERSON + 1), []
    release = threading.Event()

    def hold():
        with inspection_slot(alice.pk):
            inside.wait(20)
            release.wait(20)

    threads = [threading.Thread(target=hold) for _ in range(MAX_PER_PERSON)]
    for thread in threads:
        thread.start()
    inside.wait(20)
    with pytest.raises(Busy), inspection_slot(alice.pk):
        turned_away.append("never")
    release.set()
    for thread in threads:
        thread.join()

    with inspection_slot(alice.pk):
        pass
    assert not turned_away


def test_no_file_of_a_form_is_begun_after_its_time(at_the_desk, team, monkeypatch):
    monkeypatch.setattr(uploads, "SECONDS_PER_REQUEST", -1)
    fields = {"batch": uuid.uuid4(), "team": team.pk, "server": "FR-1", "document": [given("a.pdf"), given("b.pdf")]}

    response = at_the_desk.post(UPLOAD, fields)

    assert text(response).count("busy looking into other files. Nothing was charged.") >= 2
    assert not Extraction.objects.exists()


def test_unsent_files_have_a_number_that_one_person_may_keep(at_the_desk, alice, settings):
    settings.DRAFTS_MAX_FILES = 2
    drop(at_the_desk, given())
    drop(at_the_desk, given())

    refused = drop(at_the_desk, given("third.pdf"))

    assert "2 files of yours wait here unsent; 2 files or 5000 MB are allowed." in text(refused)
    assert Draft.objects.count() == 2
    Draft.objects.first().delete()
    assert 'data-state="ready"' in text(drop(at_the_desk, given()))


def test_unsent_files_have_a_size_that_one_person_may_keep(at_the_desk, client, alice, settings):
    settings.DRAFTS_MAX_BYTES = int(1.5 * len(pdf()))
    drop(at_the_desk, given())

    assert "waits here unsent" in text(drop(at_the_desk, given()))
    client.force_login(make_person("Dora", team=alice.teams.get()))
    assert 'data-state="ready"' in text(drop(client, given()))


def test_pictures_with_too_many_pixels_together_are_refused_before_any_is_decoded(tmp_path):
    pictures = [tmp_path / f"{number}.png" for number in range(9)]
    for picture in pictures:
        picture.write_bytes(png_of(7000, 7000))

    with pytest.raises(TooLarge, match="9 pictures"):
        binding.bind(pictures, tmp_path / "bound.pdf")


def test_photos_of_telephones_are_not_too_many_pixels(tmp_path):
    picture = tmp_path / "photo.jpg"
    Image.new("L", (4000, 3000), "white").save(picture)

    assert binding.bind([picture] * 40, tmp_path / "bound.pdf") == 40


def test_a_bound_document_is_no_larger_than_an_upload_may_be(db, tmp_path, settings):
    settings.UPLOAD_MAX_BYTES = 400_000
    photo = noisy_jpeg(600)
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(photo)

    with pytest.raises(OutputTooLarge):
        binding.bind([picture] * 3, tmp_path / "bound.pdf", max_bytes=2 * len(photo))
    # A picture may grow when it is coded anew, so its own size says nothing of the document's.
    grown = io.BytesIO()
    Image.effect_noise((900, 900), 40).quantize(4).save(grown, "PNG", optimize=True)
    assert len(grown.getvalue()) < settings.UPLOAD_MAX_BYTES
    files = [given("a.png", grown.getvalue()), given("b.png", grown.getvalue())]
    settings.UPLOAD_MAX_BYTES = 2 * len(grown.getvalue()) + 1000
    with pytest.raises(Refused) as refused:
        receiving.receive_photos(files, "photos.pdf")
    assert refused.value.reason == "size"
