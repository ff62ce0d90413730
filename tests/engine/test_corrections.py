"""A person's word on the category of a document, and what the classifier makes of it."""

from __future__ import annotations

import pytest

from engine.models import Correction, Extract, Status
from engine.processing.document_processing import build_request
from tests.engine.conftest import extract_of, upload_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client, alice, pdf) -> Extract:
    """A document of Alice's that has been read."""
    extract = extract_of(upload_by(client, pdf, classifier=alice.classifiers.first().pk))
    Extract.objects.filter(pk=extract.pk).update(status=Status.FINISHED, content="Freight note of the good ship Anna")
    extract.refresh_from_db()
    return extract


def correct(client, extract, category):
    return client.post(f"/x/extract/{extract.pk}/category/", {"category": category}, format="json")


def examples_of(extract):
    return {category.name: category.examples for category in build_request(extract).categories}


def test_a_corrected_document_is_an_example_for_the_next(client, alice, pdf, read):
    name = alice.classifiers.first().categories.last().name

    answer = correct(client, read, name)

    later = extract_of(upload_by(client, pdf, classifier=alice.classifiers.first().pk))
    assert (answer.status_code, answer.json()) == (200, {"category": name})
    assert examples_of(later)[name] == ("Freight note of the good ship Anna",)


def test_the_last_word_counts_and_can_be_taken_back(client, alice, read):
    first, second = list(alice.classifiers.first().categories.all())[:2]
    correct(client, read, first.name)
    correct(client, read, second.name)

    assert Correction.objects.get().category == second

    assert client.delete(f"/x/extract/{read.pk}/category/").status_code == 204
    assert not Correction.objects.exists()


def test_an_example_goes_with_its_document(client, alice, read):
    correct(client, read, alice.classifiers.first().categories.first().name)

    client.delete(f"/extract/{read.pk}/")

    assert not Correction.objects.exists()


def test_a_category_that_is_none_is_refused(client, read):
    answer = correct(client, read, "Poem")

    assert answer.status_code == 409
    assert "none of the categories" in answer.json()["detail"]


def test_nobody_corrects_documents_of_others(stranger, alice, read):
    assert correct(stranger, read, alice.classifiers.first().categories.first().name).status_code == 404


def test_examples_of_others_are_not_used(client, charlie, alice, read, stranger, pdf):
    name = alice.classifiers.first().categories.first().name
    correct(client, read, name)

    theirs = extract_of(upload_by(stranger, pdf, classifier=charlie.classifiers.first().pk))

    assert not any(examples_of(theirs).values())
