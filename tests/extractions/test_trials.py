"""Trying schemas, test sets, and the gate before publishing, on their pages."""

import pytest
from django.conf import settings
from django.urls import reverse

from extractions.accuracy.trial_results import reading_of, result_of
from extractions.models import (
    Budget,
    Extraction,
    SchemaPublication,
    SchemaVersion,
    TestDocument,
    Trial,
    TrialDocument,
)
from extractions.review import edits, review_queue
from extractions.schemas.schema_files import SchemaFile
from extractions.services import studio as studio_service
from extractions.services import test_sets
from extractions.services import trials as service
from extractions.views.schema_editor import SAVES
from portal.audit.models import Entry
from tests.factories import (
    Role,
    State,
    make_connection,
    make_extraction,
    make_person,
    make_schema,
    make_studio_schema,
    make_team,
)
from tests.review.making import BILL, make_bill

pytestmark = pytest.mark.django_db
DATA = {"number": "INV-1", "total": 10, "supplier": {"name": "Acme"}, "lines": [{"label": "Tea", "amount": 10}]}


@pytest.fixture
def ada(client):
    ada = make_person("Ada", team=make_team("Legal"), role=Role.ADMINISTRATOR)
    client.force_login(ada)
    return ada


@pytest.fixture
def charged(settings):
    """A service that charges."""
    settings.ANESYA_BASE_URL, settings.ANESYA_API_KEY = "http://api.example.com", "key"


@pytest.fixture
def studio(ada):
    return make_studio_schema("Bill", team=ada.teams.get(), author=ada, schema=BILL)


@pytest.fixture
def published(studio):
    schema = make_schema("Bill v1", schema=BILL)
    facts = {"state": "published", "schema": schema, "connection": schema.connection}
    SchemaPublication.objects.create(version=studio.newest, **facts)
    return schema


@pytest.fixture
def version(studio, ada, published):
    """The next one, which is to be published."""
    edit = studio_service.Edit(SchemaFile("Bill", "", "", BILL | {"title": "Bill"}), ada, "Shorter words")
    return studio_service.save(studio, edit, base=1)


@pytest.fixture
def tested(ada, published):
    """Approved documents in the test set."""

    def act(count):
        found = []
        for number in range(count):
            bill = make_bill(ada, schema=published, data=DATA | {"number": f"INV-{number}"}, name=f"bill-{number}.pdf")
            review_queue.approve(bill, ada, override="fine")
            bill.refresh_from_db()
            assert test_sets.add(bill, ada)
            found.append(bill)
        return found

    return act


def ran(version, ada, documents, read):
    """The version's run on the test set, as if the worker had done it."""
    trial = service.of_version(version, ada, of_test_set=True)
    assert service.start(trial, documents, ada, agreed=10_000)
    for row in trial.documents.all():
        TrialDocument.objects.filter(pk=row.pk).update(state="done", extracted_data=read(row.extraction))
    Trial.objects.filter(pk=trial.pk).update(state="done")
    trial.refresh_from_db()
    return trial


def page_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().split())


def press(client, name, *arguments, **data):
    return client.post(reverse(f"extractions:{name}", args=arguments), data)


def worsened(extraction):
    return extraction.extracted_data | {"total": 11}


# Comparing.


def test_what_means_the_same_does_not_differ():
    first = {"a": 12.50, "b": "two  words", "c": None, "rows": [{"x": 1}, {"x": ""}]}
    second = {"a": 12.5, "b": "two words", "rows": [{"x": 1}]}
    assert reading_of(first) == reading_of(second)
    assert reading_of(first) != reading_of({"a": 12.51, "b": "two words", "rows": [{"x": 1}]})


def test_a_field_is_compared_with_what_was_approved_not_with_what_was_read(ada, version, published):
    bill = make_bill(ada, schema=published, data=DATA | {"total": 11})
    edits.set_value(bill, "total", 10, ada)
    review_queue.approve(bill, ada, override="fine")
    bill.refresh_from_db()
    test_sets.add(bill, ada)
    trial = ran(version, ada, [bill], lambda row: DATA)

    (total,) = [line for line in result_of(trial, trial.documents.all()).fields if line.name == "total"]

    assert (total.was_right, total.is_right, total.worse, total.better) == (0, 1, [], [bill])


# The gate.


def test_without_a_test_set_a_version_is_published_at_once(client, ada, version):
    answer = press(client, "publish_schema", version.studio_id, 2)

    assert answer.url == version.studio.get_absolute_url()
    assert version.publications.get().state == "waiting"


def test_with_a_test_set_it_has_to_run_first(client, ada, version, tested):
    tested(2)

    answer = press(client, "publish_schema", version.studio_id, 2)
    trial = Trial.objects.get()

    assert answer.url == trial.get_absolute_url()
    assert trial.of_test_set
    assert not version.publications.exists()
    with pytest.raises(studio_service.GateClosed):
        studio_service.publish(version, ada, reason="because")  # a reason does not replace the run


def test_what_did_not_get_worse_is_published_without_a_reason(client, ada, version, tested):
    documents = tested(3)
    trial = ran(version, ada, documents, lambda row: row.extracted_data)

    page = page_of(client, trial.get_absolute_url())
    assert "No field got worse beyond chance" in page
    assert "nothing differs" in page

    press(client, "publish_schema", version.studio_id, 2)
    assert version.publications.get().gate_reason == ""


def test_a_worse_field_takes_a_reason_and_is_named_with_three_documents(client, ada, version, tested):
    documents = tested(6)
    trial = ran(version, ada, documents, worsened)

    answer = press(client, "publish_schema", version.studio_id, 2)
    assert answer.url == f"{trial.get_absolute_url()}#publish"
    assert not version.publications.exists()
    page = page_of(client, trial.get_absolute_url())
    gate = page[page.index('id="publish"') : page.index('id="by-field"')]
    assert "<strong>Total</strong>" in gate
    assert gate.count('<a href="/extractions/') == 3
    assert "and 3 more" in gate

    press(client, "publish_schema", version.studio_id, 2, gate_reason="The law has changed")

    publication = version.publications.get()
    assert (publication.gate_reason, publication.gate_fields) == ("The law has changed", ["total"])
    entry = Entry.objects.filter(after__publishing=True).latest("pk")
    assert (entry.after["reason"], entry.after["worse"]) == ("The law has changed", ["total"])
    assert "Published although worse on the test set in Total: The law has changed" in page_of(
        client, version.studio.get_absolute_url()
    )


def test_what_may_be_chance_is_said_and_stops_nobody(client, ada, version, tested):
    documents = tested(3)
    trial = ran(version, ada, documents, worsened)

    page = page_of(client, trial.get_absolute_url())
    assert "worse in 3, which may be chance" in page
    assert studio_service.publish(version, ada)


def test_the_gate_closes_again_when_the_set_grows(ada, version, tested):
    documents = tested(2)
    ran(version, ada, documents, lambda row: row.extracted_data)
    assert service.gate_of(version).is_open

    tested(1)

    assert service.gate_of(version).standing == service.Standing.TO_RUN


def test_a_reopened_or_deleted_document_leaves_the_set(ada, version, tested):
    first, second = tested(2)
    assert service.documents_to_test(version.studio).count() == 2
    review_queue.reopen(first, ada)
    second.request_deletion()

    assert service.documents_to_test(version.studio).count() == 0


def test_where_the_service_takes_no_schemas_nothing_can_be_run(ada, version, tested):
    documents = tested(1)
    trial = ran(version, ada, documents, lambda row: row.extracted_data)
    Trial.objects.filter(pk=trial.pk).update(state="impossible", error_code="wrong_address")

    assert service.gate_of(version).is_open


# Test sets.


def test_a_document_joins_and_leaves_with_one_click(client, ada, studio, published):
    bill = make_bill(ada, schema=published)
    assert "Test schemas on it" not in page_of(client, bill.get_absolute_url())
    assert press(client, "test_document", bill.key).status_code == 302
    assert not TestDocument.objects.exists()  # not approved
    review_queue.approve(bill, ada, override="fine")

    assert "Test schemas on it" in page_of(client, bill.get_absolute_url())
    press(client, "test_document", bill.key)
    assert bill.name in page_of(client, reverse("extractions:test_set", args=[studio.pk]))

    press(client, "test_document", bill.key, out="1", studio=studio.pk)
    assert "No test set yet." in page_of(client, reverse("extractions:test_set", args=[studio.pk]))


def test_several_join_from_the_list(client, ada, published):
    approved, waiting = make_bill(ada, schema=published), make_bill(ada, schema=published, name="waits.pdf")
    review_queue.approve(approved, ada, override="fine")

    answer = press(client, "bulk", action="test_set", number=[approved.pk, waiting.pk])

    assert "Not in the test set: it is not approved" in answer.content.decode()
    assert [row.extraction for row in TestDocument.objects.all()] == [approved]


# Trying.


def test_a_version_is_tried_on_chosen_documents_at_a_price_that_is_agreed_to(client, charged, ada, studio, version):
    bill = make_bill(ada, page_count=2)
    press(client, "try_version", studio.pk, 2)
    trial = Trial.objects.get()
    assert "What does it cost?" in page_of(client, trial.get_absolute_url())

    asked = press(client, "start_trial", trial.pk, number=[bill.pk]).content.decode()

    assert "Try it for about 6 credits" in " ".join(asked.split())
    assert Trial.objects.get().state == "choosing"
    press(client, "start_trial", trial.pk, number=[bill.pk], agreed=6)
    assert Trial.objects.get().state == "waiting"
    assert "The service is given the schema." in page_of(client, trial.get_absolute_url())


def test_with_the_embedded_engine_it_costs_nothing_and_starts_at_once(client, ada, studio):
    bill = make_bill(ada)
    press(client, "try_version", studio.pk, 1)
    trial = Trial.objects.get()
    assert "costs nothing" in page_of(client, trial.get_absolute_url())

    press(client, "start_trial", trial.pk, number=[bill.pk])

    assert Trial.objects.get().state == "waiting"


def test_the_budget_holds_for_trials_too(client, charged, ada, studio):
    Budget.objects.create(team=ada.teams.get(), cap=5)
    bill = make_bill(ada, page_count=2)
    trial = service.of_version(studio.newest, ada)

    press(client, "start_trial", trial.pk, number=[bill.pk], agreed=100)

    trial.refresh_from_db()
    assert (trial.state, trial.documents.count()) == ("choosing", 0)


def test_at_most_ten_and_only_what_the_person_sees(client, ada, studio):
    many = [make_bill(ada) for _ in range(11)]
    strange = make_extraction(owner=make_person(team=make_team()), state=State.EXTRACTED)
    trial = service.of_version(studio.newest, ada)

    press(client, "start_trial", trial.pk, number=[row.pk for row in many], agreed=1000)
    press(client, "start_trial", trial.pk, number=[strange.pk], agreed=1000)

    assert Trial.objects.get().state == "choosing"


def test_differences_are_shown_and_nothing_else(client, ada, studio, published):
    bill = make_bill(ada, schema=published, data=DATA)
    trial = ran_once(studio.newest, ada, bill, DATA | {"total": 11, "lines": [{"label": "Coffee", "amount": 10}]})

    page = page_of(client, trial.get_absolute_url())

    assert "1 of 1 documents was read differently." in page
    assert "<del>10</del>" in page
    assert "<ins>11</ins>" in page
    assert "<del>Tea</del>" in page
    assert "INV-1" not in page


def ran_once(version, ada, bill, data):
    trial = service.of_version(version, ada)
    service.start(trial, [bill], ada, agreed=1000)
    trial.documents.update(state="done", extracted_data=data)
    Trial.objects.filter(pk=trial.pk).update(state="done")
    trial.refresh_from_db()
    return trial


def test_credits_are_told_where_somebody_pays_them(client, ada, studio, published):
    trial = ran_once(studio.newest, ada, make_bill(ada, schema=published, data=DATA), DATA)
    trial.documents.update(credit_used=6)
    assert "It cost 6" not in page_of(client, trial.get_absolute_url())

    Trial.objects.update(connection=make_connection(base_url="http://api.example.com"))
    assert "It cost 6 credits." in page_of(client, trial.get_absolute_url())


def test_trials_appear_in_no_list_count_or_export(client, ada, studio, published):
    bill = make_bill(ada, schema=published, data=DATA)
    ran_once(studio.newest, ada, bill, DATA | {"number": "TRIALS-ONLY"})

    assert Extraction.objects.count() == 1
    assert bill.name in page_of(client, reverse("extractions:list"))
    assert bill.name not in page_of(client, reverse("extractions:list") + "?q=TRIALS-ONLY")
    assert "TRIALS-ONLY" not in page_of(client, bill.get_absolute_url())


def test_a_draft_is_gone_on_with_after_a_trial(client, ada, studio):
    draft = service.draft(studio.team, SchemaFile("Bill of lading", "", "", BILL), ada, studio=studio, base=1)
    new = service.draft(studio.team, SchemaFile("Bill of sale", "", "", BILL), ada)

    assert "Bill of lading" in page_of(
        client, reverse("extractions:edit_schema", args=[studio.pk]) + f"?trial={draft.pk}"
    )
    assert "Bill of sale" in page_of(client, reverse("extractions:new_schema") + f"?trial={new.pk}")
    assert SchemaVersion.objects.count() == 1


def test_the_script_of_the_editor_lets_every_button_through_that_leaves_it():
    script = (settings.BASE_DIR / "static" / "schema-editor.js").read_text()
    (leaving,) = [line for line in script.splitlines() if '"save"' in line]
    assert all(f'"{action}"' in leaving for action in SAVES)


def test_empty_and_impossible_trials_say_what_to_do(client, ada, studio):
    trial = service.of_version(studio.newest, ada)
    assert "Nothing to try it on yet." in page_of(client, trial.get_absolute_url())

    Trial.objects.update(state="impossible", error_code="wrong_address")
    assert "takes no schemas from outside" in page_of(client, trial.get_absolute_url())
    Trial.objects.update(error_code="refused", error_detail="Must have fields.")
    assert "Must have fields." in page_of(client, trial.get_absolute_url())
    Trial.objects.update(state="cancelled")
    assert "This trial was cancelled." in page_of(client, trial.get_absolute_url())


def test_a_deleted_document_is_not_shown_any_more(client, ada, studio, published):
    bill = make_bill(ada, schema=published, data=DATA, name="gone.pdf")
    trial = ran_once(studio.newest, ada, bill, DATA | {"total": 11})
    bill.request_deletion()

    assert "gone.pdf" not in page_of(client, trial.get_absolute_url())
