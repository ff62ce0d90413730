"""Classifiers under ids that a client chooses."""

from __future__ import annotations

import uuid

import pytest

from engine.models import Classifier, Correction, Extract, Status
from tests.engine.conftest import extract_of, upload_by

pytestmark = pytest.mark.django_db
LEASE = {"name": "Lease", "description": "Rooms are let"}
BILL = {"name": "Bill", "description": "Somebody wants money"}


def put(client, classifier, *categories, name="Papers"):
    return client.put(f"/x/classifier/{classifier}/", {"name": name, "categories": list(categories)}, format="json")


def examples(classifier):
    return {row.name: row.examples() for row in Classifier.objects.get(pk=classifier).categories.all()}


@pytest.fixture
def read(client, pdf) -> Extract:
    """A document that has been read without a classifier."""
    extract = extract_of(upload_by(client, pdf))
    Extract.objects.filter(pk=extract.pk).update(status=Status.FINISHED, content="Rooms to let")
    extract.refresh_from_db()
    return extract


def test_a_classifier_is_created_once_however_often_it_is_sent(client):
    mine = uuid.uuid4()

    answers = [put(client, mine, LEASE, BILL) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[1].json() == {"id": str(mine), "name": "Papers", "categories": [LEASE, BILL]}
    assert Classifier.objects.filter(name="Papers").count() == 1


def test_categories_that_stay_keep_their_examples(client, read):
    mine = uuid.uuid4()
    put(client, mine, LEASE, BILL)
    taught = client.post(
        f"/x/extract/{read.pk}/category/", {"category": "Lease", "classifier": str(mine)}, format="json"
    )
    assert taught.status_code == 200

    put(client, mine, LEASE | {"description": "Flats"}, {"name": "Letter"})

    assert examples(mine) == {"Lease": ("Rooms to let",), "Letter": ()}


def test_a_document_may_be_an_example_for_several_classifiers(client, read):
    first, second = uuid.uuid4(), uuid.uuid4()
    for mine in (first, second):
        put(client, mine, LEASE, BILL)
        body = {"category": "Lease", "classifier": str(mine)}
        client.post(f"/x/extract/{read.pk}/category/", body, format="json")

    client.delete(f"/x/extract/{read.pk}/category/?classifier={first}")

    assert examples(first)["Lease"] == ()
    assert examples(second)["Lease"] == ("Rooms to let",)


def test_an_example_of_a_strangers_classifier_is_refused(client, stranger, read):
    theirs = uuid.uuid4()
    put(stranger, theirs, LEASE, BILL)

    answer = client.post(
        f"/x/extract/{read.pk}/category/", {"category": "Lease", "classifier": str(theirs)}, format="json"
    )

    assert answer.status_code == 409
    assert not Correction.objects.exists()
    assert put(client, theirs, LEASE).status_code == 404
    assert client.delete(f"/x/classifier/{theirs}/").status_code == 204
    assert Classifier.objects.filter(pk=theirs).exists()


@pytest.mark.parametrize("categories", [[], [LEASE, LEASE], [{"name": ""}], [{"name": 3}], [{"name": " " + 200 * "x"}]])
def test_what_makes_no_sense_is_refused(client, categories):
    mine = uuid.uuid4()

    assert put(client, mine, *categories).status_code == 400
    assert not Classifier.objects.filter(pk=mine).exists()
