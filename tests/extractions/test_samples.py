"""Samples that the upload page offers."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from extractions.models import Extraction
from extractions.samples import SAMPLES
from tests.factories import make_classifier, make_schema
from tests.responses import text

URL = reverse("extractions:upload")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.slug)
def test_a_sample_is_sent_with_one_click(at_the_desk, sample):
    schema = make_schema(sample.schema)
    classifier = make_classifier(entered_by_hand=False)

    response = at_the_desk.post(reverse("extractions:sample", args=[sample.slug]))

    extraction = Extraction.objects.get()
    assert response.url == extraction.get_absolute_url()
    assert (extraction.name, extraction.schema, extraction.classifier) == (sample.file, schema, classifier)


def test_a_sample_that_was_read_before_leads_to_its_result(at_the_desk):
    make_schema("Invoice")
    url = reverse("extractions:sample", args=[SAMPLES[0].slug])

    first = at_the_desk.post(url)
    second = at_the_desk.post(url)

    assert first.url == second.url
    assert Extraction.objects.count() == 1


def test_a_sample_waits_for_its_schema(at_the_desk):
    response = at_the_desk.post(reverse("extractions:sample", args=[SAMPLES[0].slug]))

    assert response.url == URL
    assert "still starting" in str(next(iter(get_messages(response.wsgi_request))))


def test_samples_are_offered_by_the_embedded_engine_only(at_the_desk, settings):
    embedded = text(at_the_desk.get(URL))
    settings.ANESYA_BASE_URL = "https://api.example.com"

    assert "Try it" in embedded
    assert "Try it" not in text(at_the_desk.get(URL))
    assert at_the_desk.post(reverse("extractions:sample", args=[SAMPLES[0].slug])).status_code == 404
    assert not Extraction.objects.exists()


def test_a_sample_that_is_none_is_not_found(at_the_desk):
    assert at_the_desk.post(reverse("extractions:sample", args=["passwords"])).status_code == 404
