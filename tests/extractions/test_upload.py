import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from extractions.models import Budget, Connection, Extraction
from tests.documents import make
from tests.factories import Role, make_classifier, make_extraction, make_person, make_schema, make_team, pdf
from tests.responses import text

URL = reverse("extractions:upload")
FRAGMENT = {"HX-Request": "true"}


def given(name: str = "invoice.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content)


def form(team, *files, **fields):
    return {"batch": uuid.uuid4(), "team": team.pk, "server": "FR-1", "document": list(files)} | fields


def of(path: Path, name: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name or path.name, path.read_bytes())


def test_the_page_asks_for_sign_in(client):
    response = client.get(URL)

    assert response.status_code == 302
    assert reverse("account_login") in response.url


def test_a_signed_out_poll_is_told_so_and_gets_no_sign_in_page(client):
    assert client.get(URL, headers=FRAGMENT).status_code == 403


def test_a_document_is_received_with_its_options(at_the_desk, team, alice):
    schema, classifier = make_schema(), make_classifier()
    data = form(
        team,
        given("März.pdf", pdf(5)),
        schema=schema.pk,
        classifier=classifier.pk,
        server="EU-1",
        pdf_page_start=2,
        pdf_page_end=4,
        metadata_key=["project", ""],
        metadata_value=["B-204", ""],
    )

    response = at_the_desk.post(URL, data)

    extraction = Extraction.objects.get()
    assert response.status_code == 302
    assert (extraction.name, extraction.owner, extraction.team, extraction.state) == ("März.pdf", alice, team, "QUEUED")
    assert (extraction.schema, extraction.classifier, extraction.server) == (schema, classifier, "EU-1")
    assert (extraction.pdf_page_start, extraction.pdf_page_end, extraction.metadata) == (2, 4, {"project": "B-204"})
    assert "März.pdf" in text(at_the_desk.get(response.url))


def test_no_schema_is_a_choice_and_the_first_one(at_the_desk, team):
    make_schema("Zebra")

    page = text(at_the_desk.get(URL))
    at_the_desk.post(URL, form(team, given()))

    assert page.index("No schema: text and pictures only") < page.index("Zebra")
    assert Extraction.objects.get().schema is None


def test_a_schema_that_the_service_no_longer_lists_is_not_offered(at_the_desk, team):
    gone = make_schema("Gone", missing_since=timezone.now())

    response = at_the_desk.post(URL, form(team, given(), schema=gone.pk))

    assert "Gone" not in text(at_the_desk.get(URL))
    assert "This schema is not offered any more" in text(response)
    assert not Extraction.objects.exists()


def test_good_files_are_sent_and_each_bad_one_has_its_own_sentence(at_the_desk, team, tmp_path):
    files = [
        of(make.one_page_pdf(tmp_path), "good.pdf"),
        of(make.docx_named_pdf(tmp_path), "letter.pdf"),
        of(make.gif_named_png(tmp_path), "moving.png"),
        of(make.empty_pdf(tmp_path), "nothing.pdf"),
        of(make.damaged_pdf(tmp_path), "broken.pdf"),
        of(make.locked_pdf(tmp_path), "locked.pdf"),
        of(make.bomb_png(tmp_path), "huge.png"),
        of(make.png(tmp_path), "also-good.png"),
    ]

    page = text(at_the_desk.post(URL, form(team, *files)))

    assert set(Extraction.objects.values_list("name", flat=True)) == {"good.pdf", "also-good.png"}
    assert "good.pdf" in page
    assert "Word files are not accepted. Save it as PDF." in page
    assert "GIF files are not accepted. Save it as PNG or JPEG." in page
    assert "the file is empty (0 bytes)." in page
    assert "we cannot open it as a PDF." in page
    assert "it is protected by a password." in page
    assert "the picture has too many pixels." in page


def test_a_file_over_the_limit_is_told_the_limit(at_the_desk, team, settings):
    settings.UPLOAD_MAX_BYTES = 2**20
    large = pdf() + b"%" * 2**20

    page = text(at_the_desk.post(URL, form(team, given("large.pdf", large))))

    assert "it is larger than 1 MB." in page
    assert not Extraction.objects.exists()


def test_a_document_with_too_many_pages_is_told_both_numbers(at_the_desk, team, settings):
    settings.UPLOAD_MAX_PAGES = 3

    page = text(at_the_desk.post(URL, form(team, given("long.pdf", pdf(5)))))

    assert "it has 5 pages; the limit is 3." in page


def test_pages_outside_of_the_document_are_refused_before_sending(at_the_desk, team):
    data = form(team, given("five.pdf", pdf(5)), pdf_page_start=3, pdf_page_end=9)

    page = text(at_the_desk.post(URL, data))

    assert "the document has only 5 pages. Choose pages within it." in page
    assert not Extraction.objects.exists()


def test_a_page_range_leaves_pictures_alone(at_the_desk, team, tmp_path):
    data = form(team, of(make.png(tmp_path)), given("five.pdf", pdf(5)), pdf_page_start=2, pdf_page_end=3)

    at_the_desk.post(URL, data)

    ranges = dict(Extraction.objects.values_list("mime", "pdf_page_end"))
    assert ranges == {"image/png": None, "application/pdf": 3}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"pdf_page_start": "0"}, "Pages count from 1."),
        ({"pdf_page_start": "4", "pdf_page_end": "2"}, "The last page comes before the first one."),
        ({"server": "MARS-1"}, "MARS-1"),
        ({"metadata_key": ["a", "a"], "metadata_value": ["1", "2"]}, "“a” appears twice"),
        ({"metadata_key": [""], "metadata_value": ["lost"]}, "“lost” has no name"),
        ({"metadata_key": ["a"], "metadata_value": ['{"b": 1}']}, "holds a list or an object"),
        ({"metadata_key": ["a"], "metadata_value": ["[1]"]}, "holds a list or an object"),
        ({"metadata_key": ["a"], "metadata_value": ["[" * 999]}, "holds a list or an object"),
        ({"metadata_key": ["k" * 101], "metadata_value": ["1"]}, "longer than 100 characters"),
        ({"metadata_key": ["a"], "metadata_value": ["v" * 1001]}, "longer than 1000 characters"),
        ({"metadata_key": ["portal_key"], "metadata_value": ["x"]}, "is used by the portal itself"),
        (
            {"metadata_key": [str(n) for n in range(21)], "metadata_value": ["x"] * 21},
            "Metadata has room for 20 rows.",
        ),
    ],
)
def test_wrong_options_are_told_in_a_sentence_and_nothing_is_sent(at_the_desk, team, fields, sentence):
    response = at_the_desk.post(URL, form(team, given(), **fields))

    assert response.status_code == 422
    assert sentence in text(response)
    assert not Extraction.objects.exists()


def test_metadata_that_no_database_takes_is_refused_in_words(at_the_desk, team):
    response = at_the_desk.post(URL, form(team, given(), metadata_key=["cli\0ent"], metadata_value=["Mül\0ler"]))

    assert response.status_code == 400
    assert "could not read" in text(response)
    assert not Extraction.objects.exists()


def test_no_file_is_told_so(at_the_desk, team):
    assert "Choose at least one file." in text(at_the_desk.post(URL, form(team)))


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "a\u202egpj.pdf", "x" * 400 + ".pdf", ".pdf", "a\tb.pdf"])
def test_strange_names_do_no_harm(at_the_desk, team, name, settings):
    at_the_desk.post(URL, form(team, given(name)))

    extraction = Extraction.objects.get()
    assert extraction.name.endswith(".pdf")
    assert len(extraction.name) <= 255
    assert "/" not in extraction.name
    assert Path(extraction.document.path).is_relative_to(settings.MEDIA_ROOT)


def test_a_password_opens_the_file_and_is_kept_nowhere(at_the_desk, team, tmp_path):
    locked = make.locked_pdf(tmp_path)

    wrong = text(at_the_desk.post(URL, form(team, of(locked), password="open up")))
    right = at_the_desk.post(URL, form(team, of(locked), password=make.PASSWORD))

    assert "this password does not open it." in wrong
    assert right.status_code == 302
    assert make.PASSWORD not in str(Extraction.objects.values().get())


@pytest.mark.parametrize("bound", [False, True])
def test_what_the_cap_refuses_leaves_no_file_behind(at_the_desk, team, tmp_path, settings, bound):
    Budget.objects.create(team=team, cap=1)
    files = [of(make.png(tmp_path)), of(make.turned_jpeg(tmp_path))] if bound else [given()]

    page = text(at_the_desk.post(URL, form(team, *files, **({"bind": "on"} if bound else {}))))

    assert "of the 1 it may spend this month" in page
    assert not Extraction.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_the_script_gets_one_row_and_not_a_page(at_the_desk, team, tmp_path):
    good = at_the_desk.post(URL, form(team, given()), headers=FRAGMENT)
    bad = at_the_desk.post(URL, form(team, of(make.docx_named_pdf(tmp_path))), headers=FRAGMENT)
    wrong = at_the_desk.post(URL, form(team, given(), server="MARS-1"), headers=FRAGMENT)

    assert 'data-state="taken"' in text(good)
    assert 'data-state="refused"' in text(bad)
    assert 'data-state="refused"' in text(wrong)
    assert all("<html" not in text(answer) for answer in (good, bad, wrong))
    assert "HX-Request" in good.headers["Vary"]


def test_options_are_remembered_for_the_next_time(at_the_desk, team):
    schema = make_schema()
    data = form(team, given(), schema=schema.pk, server="FR-3", metadata_key=["project"], metadata_value=["B-204"])

    at_the_desk.post(URL, data)
    page = at_the_desk.get(URL)

    assert page.context["form"]["schema"].value() == schema.pk
    assert page.context["form"]["server"].value() == "FR-3"
    assert 'value="B-204"' in text(page)


def test_documents_just_sent_are_shown_stopped_ones_first(at_the_desk, alice):
    batch = uuid.uuid4()
    for state in ("EXTRACTED", "RUNNING", "FAILED"):
        make_extraction(owner=alice, state=state, name=f"{state}.pdf", form_token=f"{alice.pk}:{batch}.{state}")

    page = text(at_the_desk.get(URL, {"sent": batch}, headers=FRAGMENT))

    assert page.index("FAILED.pdf") < page.index("RUNNING.pdf") < page.index("EXTRACTED.pdf")
    assert "data-live" in page
    assert "<html" not in page


def test_the_list_of_sent_documents_stops_asking_when_all_have_ended(at_the_desk, alice):
    batch = uuid.uuid4()
    make_extraction(owner=alice, state="EXTRACTED", form_token=f"{alice.pk}:{batch}.1")

    assert "data-live" not in text(at_the_desk.get(URL, {"sent": batch}, headers=FRAGMENT))


def test_nobody_sees_what_a_stranger_sent(at_the_desk, charlie):
    batch = uuid.uuid4()
    make_extraction(owner=charlie, name="secret.pdf", form_token=f"{charlie.pk}:{batch}.1")

    assert "secret.pdf" not in text(at_the_desk.get(URL, {"sent": batch}))


@pytest.mark.parametrize("sent", ["", "nonsense", "'; drop table", "%00"])
def test_a_broken_address_shows_the_plain_page(at_the_desk, sent):
    assert at_the_desk.get(URL, {"sent": sent}).status_code == 200


def test_a_viewer_may_not_send(client, victor, team):
    client.force_login(victor)

    page = text(client.get(URL))
    client.post(URL, form(team, given()))

    assert "not send any" in page
    assert not Extraction.objects.exists()


def test_a_person_of_two_teams_chooses_and_only_from_their_own(at_the_desk, alice, charlie):
    second = make_team("Warehouse")
    alice.memberships.create(team=second, role=Role.UPLOADER)
    strangers = charlie.teams.get()

    at_the_desk.post(URL, form(second, given()))
    refused = at_the_desk.post(URL, form(strangers, given("other.pdf", pdf(3))))

    assert Extraction.objects.get().team == second
    assert refused.status_code == 422


def test_schemas_that_are_not_loaded_yet_are_told_and_documents_still_taken(at_the_desk, team):
    page = text(at_the_desk.get(URL))
    at_the_desk.post(URL, form(team, given()))

    assert "its schemas are not here yet" in page
    assert Extraction.objects.get().state == "QUEUED"


def test_a_paused_connection_is_told_and_documents_still_taken(at_the_desk, team):
    Connection.current().pause_for(Connection.Pause.KEY_REFUSED, until=timezone.now())

    page = text(at_the_desk.get(URL))
    sent = at_the_desk.post(URL, form(team, given()), follow=True)

    assert "does not accept this portal" in page
    assert "waits safely" in text(sent)


def test_the_number_of_queries_does_not_grow_with_what_was_sent(client, team):
    person = make_person("Dana", team=team)
    client.force_login(person)
    counts = []
    for many in (1, 12):
        batch = uuid.uuid4()
        for number in range(many):
            make_extraction(owner=person, state="RUNNING", form_token=f"{person.pk}:{batch}.{number}")
        client.get(URL, {"sent": batch})
        with CaptureQueriesContext(connection) as queries:
            client.get(URL, {"sent": batch})
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_embedded_engine_is_one_server_and_none_is_asked_for(at_the_desk):
    embedded = at_the_desk.get(URL).content.decode()
    Connection.objects.update(embedded=False)
    elsewhere = at_the_desk.get(URL).content.decode()

    assert '<input type="hidden" name="server" value="FR-1">' in embedded
    assert ['<select name="server"' in page for page in (embedded, elsewhere)] == [False, True]
