"""Files that were dropped and not sent yet, as the script of the upload page asks for them."""

import io
import re
import uuid
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding.steps import quarantine, sweep
from extractions.intake import drafts
from extractions.models import Budget, Connection, Draft, Extraction
from tests.documents import make
from tests.factories import make_extraction, make_schema, pdf
from tests.responses import text

FILES = reverse("extractions:drafts")
UPLOAD = reverse("extractions:upload")
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def batch():
    return uuid.uuid4()


def put(client, batch, content=None, name="invoice.pdf", **fields):
    file = SimpleUploadedFile(name, pdf(4) if content is None else content)
    response = client.post(FILES, {"batch": batch, "document": file} | fields, headers=FRAGMENT)
    return response, Draft.objects.order_by("pk").last()


def send(client, draft, team, **fields):
    url = reverse("extractions:send_draft", args=[draft.key])
    return client.post(url, {"batch": draft.batch, "team": team.pk, "server": "FR-1"} | fields, headers=FRAGMENT)


def look(client, batch, team, **fields):
    url = reverse("extractions:outlook")
    return text(client.post(url, {"batch": batch, "team": team.pk, "server": "FR-1"} | fields, headers=FRAGMENT))


def test_a_dropped_file_is_looked_into_and_not_sent(at_the_desk, batch):
    response, draft = put(at_the_desk, batch)

    assert 'data-state="ready"' in text(response)
    assert "4 pages" in text(response)
    assert (draft.page_count, draft.batch) == (4, batch)
    assert not Extraction.objects.exists()


def test_each_reason_has_its_sentence_and_nothing_is_kept(at_the_desk, batch, tmp_path, settings):
    for bad in (make.locked_pdf, make.docx_named_pdf, make.damaged_pdf, make.empty_pdf):
        put(at_the_desk, batch, bad(tmp_path).read_bytes(), bad.__name__ + ".pdf")

    assert not Draft.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_password_opens_a_dropped_file(at_the_desk, batch, tmp_path):
    locked = make.locked_pdf(tmp_path).read_bytes()

    asked, _nothing = put(at_the_desk, batch, locked)
    opened, draft = put(at_the_desk, batch, locked, password=make.PASSWORD)

    assert 'data-state="locked"' in text(asked)
    assert 'data-state="ready"' in text(opened)
    assert make.PASSWORD not in str(Draft.objects.values().get(pk=draft.pk))


def test_a_file_whose_answer_was_lost_is_there_once(at_the_desk, batch):
    key = uuid.uuid4()

    put(at_the_desk, batch, key=key)
    put(at_the_desk, batch, key=key)

    assert Draft.objects.get().key == key


def test_a_draft_becomes_a_document_once(at_the_desk, batch, team):
    _response, draft = put(at_the_desk, batch, name="März.pdf")

    first = send(at_the_desk, draft, team, server="EU-1")
    second = send(at_the_desk, draft, team, server="EU-1")

    extraction = Extraction.objects.get()
    assert (extraction.name, extraction.server, extraction.document.name) == ("März.pdf", "EU-1", draft.document)
    assert all('data-state="taken"' in text(answer) for answer in (first, second))
    assert not Draft.objects.exists()


def test_a_file_can_have_options_of_its_own(at_the_desk, batch, team):
    schema = make_schema()
    _response, draft = put(at_the_desk, batch)
    url = reverse("extractions:draft", args=[draft.key])

    at_the_desk.post(url, {"pdf_page_start": 2, "pdf_page_end": 3})
    at_the_desk.post(url, {"schema": schema.pk, "server": "FR-3"})
    send(at_the_desk, draft, team)

    extraction = Extraction.objects.get()
    assert (extraction.schema, extraction.server) == (schema, "FR-3")
    assert (extraction.pdf_page_start, extraction.pdf_page_end) == (2, 3)


def test_options_go_back_to_those_of_the_page(at_the_desk, batch, team):
    _response, draft = put(at_the_desk, batch)
    url = reverse("extractions:draft", args=[draft.key])

    at_the_desk.post(url, {"server": "FR-3", "pdf_page_start": 2, "pdf_page_end": ""})
    at_the_desk.post(url, {"server": "page"})
    at_the_desk.post(url, {"pdf_page_start": "", "pdf_page_end": ""})

    assert Draft.objects.get().chosen == {}


def test_pages_that_a_file_does_not_have_are_refused_at_once(at_the_desk, batch):
    _response, draft = put(at_the_desk, batch)

    answer = at_the_desk.post(reverse("extractions:draft", args=[draft.key]), {"pdf_page_start": 3, "pdf_page_end": 9})

    assert "the document has only 4 pages" in text(answer)
    assert Draft.objects.get().chosen == {}


def test_pages_are_shown_as_small_pictures(at_the_desk, batch):
    _response, draft = put(at_the_desk, batch, pdf(drafts.THUMBNAIL_PAGES + 2))

    first = text(at_the_desk.get(reverse("extractions:draft_pages", args=[draft.key, 1])))
    rest = text(at_the_desk.get(reverse("extractions:draft_pages", args=[draft.key, drafts.THUMBNAIL_PAGES + 1])))

    assert first.count("data:image/jpeg") == drafts.THUMBNAIL_PAGES
    assert re.findall(r'data-page="(\d+)"', rest) == [str(drafts.THUMBNAIL_PAGES + 1), str(drafts.THUMBNAIL_PAGES + 2)]
    assert "data-next" in first
    assert "data-next" not in rest


@pytest.mark.parametrize("name", ["draft", "remove_draft", "send_draft"])
def test_nobody_else_gets_at_a_draft(at_the_desk, client, bob, batch, team, name):
    _response, draft = put(at_the_desk, batch)
    client.force_login(bob)
    url = reverse(f"extractions:{name}", args=[draft.key])

    client.get(url)
    client.post(url, {"batch": batch, "team": team.pk, "server": "FR-1"})

    assert client.get(reverse("extractions:draft", args=[draft.key])).status_code == 404
    assert client.get(reverse("extractions:draft_pages", args=[draft.key, 1])).status_code == 404
    assert Draft.objects.get() == draft
    assert not Extraction.objects.exists()


def test_a_viewer_may_not_put_files_here(client, victor, batch):
    client.force_login(victor)

    response, draft = put(client, batch)

    assert response.status_code == 403
    assert draft is None


def test_a_removed_file_is_gone_from_the_disk(at_the_desk, batch, settings):
    _response, draft = put(at_the_desk, batch)

    at_the_desk.post(reverse("extractions:remove_draft", args=[draft.key]))
    again = at_the_desk.post(reverse("extractions:remove_draft", args=[draft.key]))

    assert again.status_code == 204
    assert not Draft.objects.exists()
    assert not (Path(settings.MEDIA_ROOT) / draft.document).exists()


def test_files_are_still_there_after_a_reload(at_the_desk, client, bob, batch):
    put(at_the_desk, batch, name="kept.pdf")

    mine = text(at_the_desk.get(UPLOAD, {"sent": batch}))
    client.force_login(bob)

    assert "kept.pdf" in mine
    assert "kept.pdf" not in text(client.get(UPLOAD, {"sent": batch}))


def test_a_file_that_lay_here_too_long_is_not_sent(at_the_desk, batch, team):
    _response, draft = put(at_the_desk, batch)
    Draft.objects.update(received_at=timezone.now() - timedelta(hours=21))

    answer = send(at_the_desk, draft, team)
    _response, again = put(at_the_desk, batch, pdf(2), key=str(draft.key))

    assert "it lay here unsent for too long" in text(answer)
    assert not Extraction.objects.exists()
    assert Draft.objects.get() == again
    assert (again.key, again.pk != draft.pk) == (draft.key, True)


def test_the_file_of_an_abandoned_draft_is_deleted_and_not_kept_aside(at_the_desk, batch, settings):
    _response, draft = put(at_the_desk, batch)
    path = settings.MEDIA_ROOT / draft.document
    Draft.objects.update(received_at=timezone.now() - timedelta(hours=23))
    sweep.clear_orphaned_files()
    assert path.exists()
    Draft.objects.update(received_at=timezone.now() - timedelta(hours=25))

    sweep.clear_orphaned_files()

    assert not path.exists()
    assert not list(quarantine.contents())


def test_the_same_bytes_with_the_same_options_ask_before_they_are_paid_again(at_the_desk, alice, batch, team):
    earlier = make_extraction(owner=alice, content_of_file=pdf(4), state="EXTRACTED", page_count=4)
    _response, draft = put(at_the_desk, batch, name="renamed.pdf")

    seen = look(at_the_desk, batch, team)
    asked = send(at_the_desk, draft, team)

    assert 'data-state="known"' in seen
    assert earlier.get_absolute_url() in seen
    assert "Extract again, about 8 credits" in seen
    assert 'data-state="known"' in text(asked)
    assert Extraction.objects.count() == 1

    send(at_the_desk, draft, team, again="1")
    assert Extraction.objects.count() == 2


def test_other_pages_or_another_server_are_another_wish(at_the_desk, alice, batch, team):
    make_extraction(owner=alice, content_of_file=pdf(4), state="EXTRACTED", page_count=4)
    put(at_the_desk, batch)

    assert 'data-state="known"' not in look(at_the_desk, batch, team, server="EU-1")
    assert 'data-state="known"' not in look(at_the_desk, batch, team, pdf_page_start=2)


def test_a_strangers_same_file_is_not_told_of(at_the_desk, charlie, batch, team):
    make_extraction(owner=charlie, content_of_file=pdf(4), state="EXTRACTED", page_count=4)
    put(at_the_desk, batch)

    assert 'data-state="known"' not in look(at_the_desk, batch, team)


def test_the_same_file_dropped_twice_is_reported(at_the_desk, batch, team):
    put(at_the_desk, batch, name="one.pdf")
    put(at_the_desk, batch, name="two.pdf")

    seen = look(at_the_desk, batch, team)

    assert "the same file as “one.pdf”" in seen
    assert "about 8 credits" in seen


def test_credits_come_from_ones_own_history_of_that_schema(at_the_desk, alice, charlie, batch, team):
    schema = make_schema()
    for used in (5, 5, 7):
        make_extraction(owner=alice, state="EXTRACTED", schema=schema, credit_used=used, content_of_file=pdf(used))
    make_extraction(owner=charlie, state="EXTRACTED", schema=schema, credit_used=900, content_of_file=pdf(9))
    put(at_the_desk, batch)

    assert "about 20–28 credits" in look(at_the_desk, batch, team, schema=schema.pk)
    assert "about 8 credits" in look(at_the_desk, batch, team)


@pytest.mark.parametrize(
    ("cap", "said"),
    [(None, ""), (8, ""), (7, "The team has only 7 credits left this month"), (0, "credits of this month are used up")],
)
def test_what_the_cap_will_refuse_is_told_before_the_button(at_the_desk, batch, team, cap, said):
    Budget.objects.create(team=team, cap=cap)
    put(at_the_desk, batch)

    seen = look(at_the_desk, batch, team)

    assert "about 8 credits" in seen
    assert said in seen
    assert ("file-need" in seen) == bool(said)


def test_what_is_left_of_the_months_credits_stands_on_the_page(at_the_desk, alice, team):
    Connection.current()
    Connection.objects.update(schemas_refreshed_at=timezone.now())
    before = text(at_the_desk.get(UPLOAD))
    Budget.objects.create(team=team, cap=40)
    make_extraction(owner=alice, credits_expected=12)

    after = text(at_the_desk.get(UPLOAD))

    assert "Credits left" not in before
    assert "Credits left this month <strong>28</strong> of 40" in after


def test_wrong_options_are_told_before_the_button(at_the_desk, batch, team):
    put(at_the_desk, batch)

    seen = look(at_the_desk, batch, team, metadata_key=[""], metadata_value=["lost"])

    assert "“lost” has no name" in seen


def test_the_outlook_asks_as_much_for_many_files_as_for_one(at_the_desk, batch, team, django_assert_max_num_queries):
    for number in range(1, 4):
        put(at_the_desk, batch, pdf(number))
    look(at_the_desk, batch, team)

    with django_assert_max_num_queries(14):
        look(at_the_desk, batch, team)


def test_several_photos_become_one_document_in_their_order(at_the_desk, batch, tmp_path):
    photos = [make.png(tmp_path), make.turned_jpeg(tmp_path), make.png(tmp_path)]
    files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in photos]

    response = at_the_desk.post(FILES, {"batch": batch, "document": files, "name": "Receipt"}, headers=FRAGMENT)

    draft = Draft.objects.get()
    assert "3 pages" in text(response)
    assert (draft.name, draft.mime, draft.page_count) == ("Receipt.pdf", "application/pdf", 3)


def test_a_broken_photo_among_good_ones_is_reported(at_the_desk, batch, tmp_path):
    files = [SimpleUploadedFile("a.png", make.png(tmp_path).read_bytes()), SimpleUploadedFile("b.jpg", b"\xff\xd8\xff")]

    response = at_the_desk.post(FILES, {"batch": batch, "document": files, "name": "x.pdf"}, headers=FRAGMENT)

    assert 'data-state="refused"' in text(response)
    assert not Draft.objects.exists()


def test_pictures_are_bound_without_a_script_too(at_the_desk, team, tmp_path, settings):
    pictures = [make.png(tmp_path), make.turned_jpeg(tmp_path)]
    files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in pictures]
    data = {"batch": uuid.uuid4(), "team": team.pk, "server": "FR-1", "document": files, "bind": "on"}

    at_the_desk.post(UPLOAD, data)

    extraction = Extraction.objects.get()
    assert (extraction.mime, extraction.page_count) == ("application/pdf", 2)
    with pikepdf.open(io.BytesIO(extraction.document.read())) as bound:
        assert bound.pages[1].Rotate == 90
    kept = [path for path in Path(settings.MEDIA_ROOT).rglob("*.pdf") if path.is_file()]
    assert kept == [Path(extraction.document.path)]
