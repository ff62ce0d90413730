"""The result page while its document is on the way."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.models import PageImage, Value, WorkerProcess
from tests.factories import make_extraction, make_schema
from tests.responses import text

FRAGMENT = {"HX-Request": "true"}


def on_its_way(state):
    return {"next_try_at": timezone.now()} if state in {"SENDING", "SENT"} else {}


@pytest.mark.parametrize("state", ["QUEUED", "SENDING", "SENT", "CHECKING", "RUNNING"])
def test_progress_asks_for_news_while_there_is_news_to_come(at_the_desk, alice, state):
    extraction = make_extraction(owner=alice, state=state, **on_its_way(state))

    response = at_the_desk.get(reverse("extractions:progress", args=[extraction.key]), headers=FRAGMENT)

    assert 'hx-trigger="every 2s"' in text(response)
    assert "HX-Refresh" not in response.headers


@pytest.mark.parametrize("state", ["EXTRACTED", "FAILED", "REJECTED", "CANCELLED", "UNDECIDED"])
def test_progress_ends_and_the_page_is_asked_for_anew(at_the_desk, alice, state):
    extraction = make_extraction(owner=alice, state=state)

    response = at_the_desk.get(reverse("extractions:progress", args=[extraction.key]), headers=FRAGMENT)

    assert response.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in text(at_the_desk.get(extraction.get_absolute_url())).split('id="progress"')[1][:400]


def test_pages_come_along_as_soon_as_they_are_drawn_and_once(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="RUNNING")
    url = reverse("extractions:progress", args=[extraction.key])
    before = text(at_the_desk.get(url, headers=FRAGMENT))
    PageImage.objects.create(extraction=extraction, number=1, file="p.jpg", width=1400, height=1980)

    first = text(at_the_desk.get(url, headers=FRAGMENT))
    then = text(at_the_desk.get(f"{url}?drawn", headers=FRAGMENT))

    image = reverse("extractions:page", args=[extraction.key, 1])
    assert image not in before
    assert image in first
    assert f"{url}?drawn" in first
    assert image not in then


def test_a_finished_page_waits_for_its_pictures_without_reloading(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED", pages_due_at=timezone.now())
    url = f"{reverse('extractions:progress', args=[extraction.key])}?waiting"
    page = text(at_the_desk.get(extraction.get_absolute_url()))

    still = at_the_desk.get(url, headers=FRAGMENT)
    PageImage.objects.create(extraction=extraction, number=1, file="p.jpg", width=1400, height=1980)
    drawn = at_the_desk.get(url, headers=FRAGMENT)

    assert url in page
    assert still.status_code == 204
    assert drawn.headers["HX-Refresh"] == "true"


def test_values_need_nobody_before_they_were_looked_for(at_the_desk, alice):
    extraction = make_extraction(
        owner=alice, state="EXTRACTED", schema=make_schema(), evidence_due_at=timezone.now(), needs=2
    )
    Value.objects.create(extraction=extraction, position=0, path="total", extracted=12.5, standing="needs_you")
    url = f"{reverse('extractions:progress', args=[extraction.key])}?checking"
    before = text(at_the_desk.get(extraction.get_absolute_url()))
    still = at_the_desk.get(url, headers=FRAGMENT)

    type(extraction).objects.update(evidence_due_at=None)
    after = text(at_the_desk.get(extraction.get_absolute_url()))

    assert url in before
    assert still.status_code == 204
    assert at_the_desk.get(url, headers=FRAGMENT).headers["HX-Refresh"] == "true"
    assert "field-row-need" not in before
    assert "2 need you" not in before
    assert "field-row-need" in after
    assert "2 need you" in after


def test_progress_of_a_signed_out_tab_is_forbidden(client, alice):
    extraction = make_extraction(owner=alice)

    assert client.get(reverse("extractions:progress", args=[extraction.key]), headers=FRAGMENT).status_code == 403


def test_progress_without_a_script_leads_to_the_page(at_the_desk, alice):
    extraction = make_extraction(owner=alice)

    assert at_the_desk.get(reverse("extractions:progress", args=[extraction.key])).url == extraction.get_absolute_url()


STUCK = "nothing is being sent at the moment"


@pytest.mark.parametrize(
    ("minutes", "worker", "said"), [(10, False, True), (10, True, False), (1, False, False)],
    ids=["long and no worker", "long behind others", "a moment"],
)  # fmt: skip
def test_a_document_that_no_worker_takes_up_says_so(at_the_desk, alice, minutes, worker, said):
    since = timezone.now() - timedelta(minutes=minutes)
    batch = uuid.uuid4()
    extraction = make_extraction(
        owner=alice, state="QUEUED", state_changed_at=since, next_try_at=since, form_token=f"{alice.pk}:{batch}.1"
    )
    if worker:
        WorkerProcess.objects.create(name="here:1", host="here", pid=1)

    page = text(at_the_desk.get(extraction.get_absolute_url()))
    sent = text(at_the_desk.get(reverse("extractions:upload"), {"sent": batch}))

    assert (STUCK in page, STUCK in sent) == (said, said)


def test_a_step_that_takes_far_too_long_says_so_on_the_page(at_the_desk, alice):
    begun = (timezone.now() - timedelta(minutes=30)).isoformat()
    extraction = make_extraction(
        owner=alice, state="RUNNING", status="IN_PROGRESS", extraction_step="OCR", steps_seen={"OCR": begun}
    )

    assert "This takes far longer than usual." in text(at_the_desk.get(extraction.get_absolute_url()))
