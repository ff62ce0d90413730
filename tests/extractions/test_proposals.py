"""Schemas from examples, on their pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from extractions.models import Connection, Extraction, ProposalDocument, SchemaProposal, StudioSchema
from extractions.services import proposals as service
from tests.documents.leases import leases
from tests.factories import Role, State, make_extraction, make_page, make_person, make_team

pytestmark = pytest.mark.django_db
NEW = reverse("extractions:new_proposal")


def place(top):
    return [{"page": 1, "bbox": [0.1, top, 0.4, top + 0.02]}]


FOUND = {
    "start": "",
    "title": "Lease contract",
    "fields": [
        {"known": "", "label": "Monthly rent", "kind": "number", "value": "850.00", "score": 0.9, "places": place(0.2)},
        {"known": "", "label": "Pets <b>", "kind": "text", "value": "none", "score": 0.3, "places": place(0.3)},
    ],
}


@pytest.fixture
def ada(client, embedded_engine):
    ada = make_person("Ada", team=make_team("Legal"), role=Role.ADMINISTRATOR)
    client.force_login(ada)
    return ada


@pytest.fixture
def proposal(ada):
    """Read, with its page drawn."""
    document = make_extraction(owner=ada, state=State.EXTRACTED, name="lease.pdf", pages_due_at=None)
    make_page(document)
    row = service.propose(ada.teams.get(), [document], ada, language="en")
    row.documents.update(state="done", found=FOUND, next_try_at=None)
    return row


def lease(name="lease.pdf"):
    return SimpleUploadedFile(name, leases(1)[0], "application/pdf")


def test_files_that_are_dropped_become_documents_and_examples(client, ada):
    answer = client.post(NEW, {"team": ada.teams.get().pk, "language": "fr", "files": [lease()]})

    proposal = SchemaProposal.objects.get()
    assert answer.url == proposal.get_absolute_url()
    assert proposal.language == "fr"
    example = proposal.documents.get()
    assert (example.extraction.name, example.extraction.schema, example.state) == ("lease.pdf", None, "waiting")


def test_the_same_file_again_is_the_same_document(client, ada):
    for _time in range(2):
        client.post(NEW, {"team": ada.teams.get().pk, "language": "en", "files": [lease()]})

    assert Extraction.objects.count() == 1
    assert ProposalDocument.objects.count() == 2


def test_documents_that_are_there_can_be_chosen(client, ada):
    mine = make_extraction(owner=ada, state=State.EXTRACTED)
    theirs = make_extraction(owner=make_person("Eve", team=make_team("Other")), state=State.EXTRACTED)

    page = client.get(NEW)
    client.post(NEW, {"team": ada.teams.get().pk, "language": "en", "number": [mine.pk, theirs.pk]})

    assert [row.pk for row in page.context["candidates"]] == [mine.pk]
    assert [row.extraction for row in ProposalDocument.objects.all()] == [mine]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "Nothing was chosen"),
        ([SimpleUploadedFile("notes.docx", b"PK\x03\x04word/")], "notes.docx was not sent"),
        ([lease(f"{number}.pdf") for number in range(6)], "Choose at most 5 examples"),
    ],
)
def test_what_cannot_be_an_example_is_said_and_nothing_begins(client, ada, files, sentence):
    answer = client.post(NEW, {"team": ada.teams.get().pk, "language": "en", "files": files})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not SchemaProposal.objects.exists()


def test_one_bad_file_loses_none_of_the_good_ones(client, ada):
    files = [lease(), SimpleUploadedFile("broken.pdf", b"%PDF-1.4 no more")]

    answer = client.post(NEW, {"team": ada.teams.get().pk, "language": "en", "files": files})

    good = Extraction.objects.get()
    assert answer.status_code == 422
    assert answer.context["chosen"] == {good.pk}


def test_a_service_without_proposals_says_so(client, ada, settings):
    settings.ANESYA_BASE_URL, settings.ANESYA_API_KEY = "http://api.example.com", "key"
    Connection.objects.all().delete()

    page = client.get(NEW).content.decode()
    client.post(NEW, {"team": ada.teams.get().pk, "language": "en", "files": [lease()]})

    assert "proposes no fields" in page
    assert not Extraction.objects.exists()


def test_progress_is_told_while_examples_are_read(client, proposal):
    proposal.documents.update(state="reading")

    page = client.get(proposal.get_absolute_url()).content.decode()

    assert 'hx-trigger="every 1s"' in page
    assert "0 of 1 example read" in page


def test_each_field_shows_its_value_and_its_place(client, proposal):
    page = client.get(proposal.get_absolute_url()).content.decode()

    assert 'value="Monthly rent"' in page
    assert "850.00" in page
    assert '<rect id="place-0" data-field="0" x="98" y="199" width="304" height="22">' in page
    assert "Pets &lt;b&gt;" in page
    assert 'hx-trigger="every' not in page


def test_what_is_ticked_and_renamed_goes_on_into_the_editor(client, ada, proposal):
    key = "/“monthly rent”"

    editor = client.post(proposal.get_absolute_url(), {"take": [key], f"title:{key}": "Rent per month"})

    assert editor.status_code == 200
    [field] = editor.context["editor"].root.fields
    assert (field.name, field.title, str(field.kind)) == ("rent_per_month", "Rent per month", "number")
    assert "“Monthly rent”" in field.description
    assert 'value="Lease contract"' in editor.content.decode()
    assert proposal.get_absolute_url() in editor.content.decode()
    assert not StudioSchema.objects.exists()


def test_nothing_ticked_keeps_the_page_as_it_was(client, proposal):
    answer = client.post(proposal.get_absolute_url(), {})

    assert answer.status_code == 422
    assert "Tick at least one field." in answer.content.decode()


@pytest.mark.parametrize(
    ("state", "sentence"), [("done", "No labels with values were found."), ("failed", "No example could be read.")]
)
def test_nothing_found_is_said_in_a_sentence(client, proposal, state, sentence):
    proposal.documents.update(state=state, found={"start": "", "title": "", "fields": []})

    assert sentence in client.get(proposal.get_absolute_url()).content.decode()


def test_a_document_in_the_trash_is_no_example_any_more(client, proposal):
    proposal.documents.get().extraction.request_deletion()

    page = client.get(proposal.get_absolute_url()).content.decode()

    assert "850.00" not in page
    assert "lease.pdf" not in page
