"""A category that starts the next step by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractions.forwarding.api.answers import read_answer
from extractions.forwarding.steps.finish import record_result
from extractions.incoming import next_steps
from extractions.models import Classifier, Extraction, NextStep, StudioClassifier
from extractions.services import classifier_studio as service
from extractions.services.classifier_studio import Category, Edit
from tests.factories import State, make_connection, make_extraction, make_schema, make_studio_classifier

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease(embedded_engine):
    return make_schema("Lease contract")


@pytest.fixture
def studio(team, alice, lease) -> StudioClassifier:
    """Leases are read by themselves, bills are offered to be."""
    studio = make_studio_classifier(team=team, author=alice)
    categories = (Category("Lease", "", lease.pk, automatic=True), Category("Bill", "", lease.pk), Category("Other"))
    version = service.save(studio, Edit("Papers", categories, alice), base=1)
    classifier = Classifier.objects.create(connection=make_connection(), remote_id=str(studio.remote_id), name="Papers")
    StudioClassifier.objects.filter(pk=studio.pk).update(published=version, classifier=classifier)
    studio.refresh_from_db()
    return studio


@pytest.fixture
def finished(studio, alice):
    def act(category, **fields):
        document = make_extraction(owner=alice, state=State.RUNNING, classifier=studio.classifier, **fields)
        answer = read_answer({"id": document.remote_id, "status": "FINISHED", "classifier_result": category})
        assert record_result(document, answer, {})
        document.refresh_from_db()
        return document

    return act


def test_the_document_is_read_again_with_the_schema_of_its_category(finished, lease):
    document = finished("Lease", metadata={"case": "7"})
    step = NextStep.objects.get()

    for _time in range(2):
        next_steps.run(step)

    again = Extraction.objects.exclude(pk=document.pk).get()
    assert (again.schema, again.sha256, again.owner) == (lease, document.sha256, document.owner)
    assert again.metadata == {"case": "7"}
    assert not NextStep.objects.exists()


@pytest.mark.parametrize("category", ["Bill", "Other", "", "unheard of"])
def test_other_categories_start_nothing(finished, category):
    finished(category)

    assert not NextStep.objects.exists()


def test_what_was_read_with_a_schema_starts_nothing(finished, lease):
    finished("Lease", schema=lease)

    assert not NextStep.objects.exists()


def test_a_file_that_is_gone_leaves_the_step_to_people(finished):
    document = finished("Lease")
    Path(document.document.path).unlink()

    next_steps.run(NextStep.objects.get())

    assert Extraction.objects.get() == document
    assert not NextStep.objects.exists()
    assert service.schema_for(document) is not None


def test_the_choice_is_kept_when_a_version_is_restored(studio, alice):
    edit = Edit("Papers", (Category("Lease"), Category("Other")), alice)
    newest = service.save(studio, edit, base=2)
    assert not newest.starts_by_itself("Lease")

    restored = service.restore(studio.versions.get(number=2), alice, "back")

    assert restored.starts_by_itself("Lease")
    assert not restored.starts_by_itself("Bill")
