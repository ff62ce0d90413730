"""Classifiers of teams at the service: published, taught and tested by the worker."""

from __future__ import annotations

import pytest

from extractions.forwarding.steps import classifier_studio, schemas
from extractions.models import (
    Classifier,
    ClassifierExample,
    ClassifierTest,
    Connection,
    Extraction,
    StudioClassifier,
)
from extractions.services import classifier_studio as service
from extractions.services.classifier_studio import Category, Edit
from tests.factories import State, make_extraction, make_studio_classifier

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine(api, connection, clock) -> Connection:
    """The stand-in, with the extensions of the embedded engine."""
    api.classifiers = []
    Connection.objects.filter(pk=connection.pk).update(embedded=True)
    connection.refresh_from_db()
    return connection


@pytest.fixture
def studio(engine, team, alice) -> StudioClassifier:
    return make_studio_classifier(team=team, author=alice)


@pytest.fixture
def published(studio, engine, alice) -> StudioClassifier:
    service.publish(studio.newest, alice)
    classifier_studio.work(engine)
    studio.refresh_from_db()
    return studio


@pytest.fixture
def read(api, engine, alice):
    """A document of the team that the service has read."""

    def make(name="a.pdf", **fields):
        there = api.add(name, {})
        return make_extraction(owner=alice, state=State.EXTRACTED, remote_id=there["id"], name=name, **fields)

    return make


def test_a_published_classifier_can_be_chosen(api, published):
    assert published.wanted is None
    assert published.published == published.newest
    assert published.classifier.remote_id == str(published.remote_id)
    assert published.classifier.categories == ["Invoice", "Receipt", "Lease"]
    assert [row["name"] for row in api.classifiers] == ["Papers"]


def test_a_newer_version_takes_its_place_under_the_same_id(api, published, engine, alice):
    edit = Edit("Papers", (Category("Invoice"), Category("Lease", "Rooms")), alice, "Fewer")
    version = service.save(published, edit, base=1)

    service.publish(version, alice)
    classifier_studio.work(engine)

    published.refresh_from_db()
    assert published.published == version
    assert Classifier.objects.count() == 1
    assert len(api.classifiers) == 1
    assert [row["name"] for row in api.classifiers[0]["categories"]] == ["Invoice", "Lease"]


def test_publishing_is_tried_again_until_the_service_takes_it(api, studio, engine, alice, clock):
    service.publish(studio.newest, alice)
    token = api.key
    api.key = "another"
    classifier_studio.work(engine)
    studio.refresh_from_db()
    assert studio.underway
    assert studio.published is None

    api.key = token
    clock.advance(60)
    classifier_studio.work(engine)

    studio.refresh_from_db()
    assert studio.published == studio.newest


def test_a_service_without_the_endpoint_is_left_to_a_person(connection, team, alice, clock):
    studio = make_studio_classifier(team=team, author=alice)
    service.publish(studio.newest, alice)

    classifier_studio.work(connection)

    studio.refresh_from_db()
    assert studio.refused
    row = service.enter_by_hand(studio.newest, "their-id", alice)
    studio.refresh_from_db()
    assert (studio.classifier, studio.published, studio.wanted) == (row, studio.newest, None)


def test_an_id_that_is_known_already_is_nobodys_to_take_over(connection, team, alice):
    theirs = Classifier.objects.create(connection=connection, remote_id="shared", name="Shared", categories=["A"])
    studio = make_studio_classifier(team=team, author=alice)

    with pytest.raises(service.IdTaken):
        service.enter_by_hand(studio.newest, "shared", alice)

    theirs.refresh_from_db()
    assert (theirs.name, theirs.categories) == ("Shared", ["A"])
    row = service.enter_by_hand(studio.newest, "mine", alice)
    studio.refresh_from_db()
    assert service.enter_by_hand(studio.newest, "mine", alice) == row


def test_a_persons_word_is_taught_and_taken_back(api, published, engine, read, alice):
    document = read(classifier=published.classifier, classifier_result="Invoice")

    service.set_category(published, document, "Lease", alice)
    classifier_studio.work(engine)

    document.refresh_from_db()
    assert document.classifier_result == "Lease"
    assert api.corrections == {(document.remote_id, str(published.remote_id)): "Lease"}
    assert ClassifierExample.objects.get().taught_at is not None

    service.set_category(published, document, "", alice)
    classifier_studio.work(engine)

    document.refresh_from_db()
    assert document.classifier_result == "Invoice"
    assert api.corrections == {}
    assert not ClassifierExample.objects.exists()


def test_examples_from_before_are_taught_once_it_is_published(api, studio, engine, read, alice):
    document = read()
    service.set_category(studio, document, "Lease", alice)
    classifier_studio.work(engine)
    assert api.corrections == {}

    service.publish(studio.newest, alice)
    classifier_studio.work(engine)

    studio.refresh_from_db()
    assert api.corrections == {(document.remote_id, str(studio.remote_id)): "Lease"}


def test_a_renamed_category_takes_its_examples_along(api, published, engine, read, alice):
    document = read()
    service.set_category(published, document, "Lease", alice)
    classifier_studio.work(engine)
    categories = (Category("Invoice"), Category("Receipt"), Category("Rent"))
    version = service.save(published, Edit("Papers", categories, alice, "", {"Lease": "Rent"}), base=1)

    service.publish(version, alice)
    classifier_studio.work(engine)

    assert list(api.corrections.values()) == ["Rent"]


def test_a_test_reads_the_examples_again_and_leaves_nothing_behind(api, published, engine, read, alice, clock):
    for name, category in (("a.pdf", "Lease"), ("b.pdf", "Receipt")):
        service.set_category(published, read(name), category, alice)
    before = set(api.documents)
    test = service.start_test(published.newest, alice)

    for _round in range(2):
        classifier_studio.work(engine)
        clock.advance(5)
    for identity, document in api.documents.items():
        if identity not in before:
            assert document["classifier"] == str(test.remote_id)
            answer = "Lease" if document["document_name"].startswith("a.") else "Invoice"
            document.update(status="FINISHED", classifier_result=answer)
    schemas.refresh(engine)
    assert [row.name for row in Classifier.objects.filter(missing_since=None)] == ["Papers"], "not that of the test"
    classifier_studio.work(engine)

    test.refresh_from_db()
    found = {(row.expected, row.answered, row.state) for row in test.documents.all()}
    assert found == {("Lease", "Lease", "done"), ("Receipt", "Invoice", "done")}
    assert test.ended_at is not None
    assert set(api.documents) == before
    assert [row["name"] for row in api.classifiers] == ["Papers"]
    assert Extraction.objects.count() == 2


def test_a_document_that_fails_ends_the_test_all_the_same(api, published, engine, read, alice, clock):
    service.set_category(published, read(), "Lease", alice)
    test = service.start_test(published.newest, alice)
    Extraction.objects.update(document="gone.pdf")

    classifier_studio.work(engine)

    test.refresh_from_db()
    assert ClassifierTest.objects.filter(ended_at__isnull=False).exists()
    assert [row.state for row in test.documents.all()] == ["failed"]
