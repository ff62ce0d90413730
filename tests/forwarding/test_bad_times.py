"""Each thing that can go wrong with the service, driven through the worker, as the page of the document tells it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding.steps.connection_state import probe
from extractions.models import Connection, Extraction
from portal.people.models import Membership
from tests.factories import State, make_extraction
from tests.fake_api import KEY
from tests.forwarding.scenarios import SCENARIOS, Scenario

pytestmark = pytest.mark.django_db


EVERY = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


@pytest.fixture
def befallen(api, alice, clock, drive, request):
    """What the document has come to, by nothing but what the worker does."""

    def make(scenario: Scenario) -> Extraction:
        content = b"%PDF-" + bytes(20_000_000) if scenario.large else None
        row = make_extraction(owner=alice, content_of_file=content)
        api.inject("create", *scenario.posts)
        if scenario.slow:
            request.getfixturevalue("impatient")
        if scenario.undecided:
            api.inject("list", "no_results", times=None)
            return drive.run(row)
        for number in range(scenario.steps):
            row = drive.step(row)
            if number == 0:
                api.inject("/extract/", *scenario.gets)
                for there in api.documents.values():
                    there.update(scenario.after)
        return row

    return make


@pytest.fixture
def page_of(client, alice):
    client.force_login(alice)

    def get(extraction: Extraction) -> str:
        response = client.get(extraction.get_absolute_url())
        assert response.status_code == 200
        return unescape(response.content.decode())

    return get


def account_in(page: str) -> str:
    return page.split('id="account"')[1].split("</section>")[0]


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def sentences_in(page: str) -> list[str]:
    """What the three places hold, split where a sentence ends; quoted words are somebody else's."""
    told = re.search(r"<p>\s*(<strong>.*?)</p>", account_in(page), re.DOTALL).group(1)
    return re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Ü])", re.sub(r"“[^”]*”", "“…”", text_of(told)))


def main_buttons(page: str) -> list[tuple[str, str, str]]:
    """(tag, address or name, label) of each filled button on the whole page below the bar."""
    main = page.split('id="main"')[1].split("<dialog")[0]
    return [
        (tag, attributes, text_of(label))
        for tag, attributes, label in re.findall(r"<(a|button)\b([^>]*button-primary[^>]*)>(.*?)</\1>", main, re.DOTALL)
    ]


def press(client, page: str):
    """Press the main button as a browser would."""
    [(tag, attributes, _label)] = main_buttons(page)
    if tag == "a":
        return client.get(re.search(r'href="([^"]+)"', attributes).group(1))
    form = account_in(page).split("button-primary")[0].rpartition("<form")[2]
    choice = re.search(r'name="choice" value="([^"]*)"', attributes)
    data = {"choice": choice.group(1)} if choice else {}
    return client.post(re.search(r'action="([^"]+)"', form).group(1), data, follow=True)


@EVERY
def test_the_page_tells_three_sentences_and_offers_one_button(befallen, page_of, client, scenario):
    extraction = befallen(scenario)

    page = page_of(extraction)

    sentences = sentences_in(page)
    assert len(sentences) == 3, sentences
    assert scenario.happened in text_of(account_in(page))
    assert scenario.cost in sentences[1]
    assert [label for _tag, _address, label in main_buttons(page)] == [scenario.button]
    assert "Traceback" not in page
    assert "nginx</title>" not in page

    row = client.get(reverse("extractions:list")).content.decode().split(f'id="row-{extraction.pk}"')[1]
    assert re.search(r'class="badge badge-(need|failed)', row.split("</tr>")[0])

    answer = press(client, page)

    assert answer.status_code == 200
    assert "Nothing was changed" not in answer.content.decode()


def test_all_faults_have_stories_of_their_own():
    told = {scenario.name: scenario.happened for scenario in SCENARIOS}

    assert len(set(told.values())) == len(told)


def scenario(name: str) -> Scenario:
    return next(item for item in SCENARIOS if item.name == name)


# What the buttons do.


def test_try_now_asks_for_the_key_at_once_and_everything_goes_on(befallen, page_of, client, drive, api, connection):
    waiting = befallen(scenario("401"))
    connection.refresh_from_db()
    assert connection.next_probe_at > timezone.now()

    press(client, page_of(waiting))

    connection.refresh_from_db()
    assert connection.next_probe_at <= timezone.now()
    probe(connection)
    assert drive.step(waiting).state == State.RUNNING


def test_try_now_keeps_to_the_trial_that_is_under_way(befallen, page_of, client, connection, clock):
    """No credits: one document tries, however often somebody presses."""
    waiting = befallen(scenario("403"))
    page = page_of(waiting)
    press(client, page)
    connection.refresh_from_db()
    probe(connection)
    connection.refresh_from_db()
    assert connection.trial == waiting
    planned = connection.next_probe_at

    press(client, page)

    connection.refresh_from_db()
    assert connection.next_probe_at == planned


def test_nobody_hurries_a_service_that_asked_for_a_pause(befallen, page_of, client, connection):
    waiting = befallen(scenario("429"))
    connection.refresh_from_db()
    planned = connection.next_probe_at
    assert "try-now" not in page_of(waiting)

    client.post(reverse("extractions:try_now", args=[waiting.key]))

    connection.refresh_from_db()
    assert connection.next_probe_at == planned
    waiting.refresh_from_db()
    assert waiting.state == State.QUEUED


def test_try_now_makes_a_waiting_document_due(befallen, page_of, client, drive, api):
    waiting = befallen(scenario("cut line"))
    assert waiting.next_try_at > timezone.now()

    press(client, page_of(waiting))

    assert Extraction.objects.due(timezone.now()).filter(pk=waiting.pk).exists()
    assert drive.step(waiting).state == State.RUNNING
    assert set(api.accepted.values()) == {1}


def test_one_whose_time_has_come_is_tried_now_all_the_same(befallen, page_of, client, clock):
    """The page was drawn before, and the worker has not come yet."""
    waiting = befallen(scenario("cut line"))
    page = page_of(waiting)
    clock.reach(waiting.next_try_at)

    assert "is tried now" in press(client, page).content.decode()


def test_a_search_that_is_asked_for_does_not_shorten_the_planned_ones(befallen, page_of, client, drive, api, clock):
    """Pressed again and again, nothing is believed to be missing sooner than by the plan."""
    api.inject("list", "no_results", times=None)
    checking = befallen(scenario("cut line after the hand-over"))
    begun = checking.handed_over_at
    for _ in range(20):
        client.post(reverse("extractions:try_now", args=[checking.key]))
        page_of(checking)
        press(client, page_of(checking))
        checking = drive.step(checking)
        assert checking.state == State.CHECKING
        assert checking.search_misses <= 1

    decided = drive.run(checking)

    assert decided.state == State.UNDECIDED
    assert (clock() - begun).total_seconds() >= 115
    assert len(api.uploads()) == 1


def test_another_server_that_does_well_is_offered_and_used(befallen, page_of, client, drive, api, alice):
    waiting = befallen(scenario("cut line"))
    assert "Use " not in text_of(account_in(page_of(waiting)))
    for server, seconds in (("FR-2", 9.0), ("EU-1", 4.0), ("FR-1", 1.0)):
        make_extraction(owner=alice, state="EXTRACTED", server=server, extraction_time=seconds)
    make_extraction(owner=alice, state="FAILED", server="EU-1")
    from django.core.cache import cache

    cache.clear()

    page = account_in(page_of(waiting))
    assert "Use FR-2" in text_of(page), "EU-1 is faster, but it failed"
    client.post(reverse("extractions:use_server", args=[waiting.key]), {"choice": "FR-2"})

    waiting = drive.step(waiting)
    assert (waiting.state, waiting.server) == (State.RUNNING, "FR-2")
    assert api.uploads()[-1].parts[1][2] == b"FR-2"


@pytest.mark.parametrize("state", ["SENDING", "SENT", "CHECKING", "RUNNING", "EXTRACTED"])
def test_a_server_is_not_changed_after_the_hand_over(client, alice, state):
    extraction = make_extraction(owner=alice, state=state, next_try_at=timezone.now(), handed_over_at=timezone.now())
    client.force_login(alice)

    client.post(reverse("extractions:use_server", args=[extraction.key]), {"choice": "FR-2"})

    extraction.refresh_from_db()
    assert (extraction.state, extraction.server) == (state, "FR-1")


def test_a_refused_document_goes_again_with_other_options_and_the_same_bytes(befallen, page_of, client, drive, api):
    refused = befallen(scenario("400"))
    form = press(client, page_of(refused)).content.decode()
    assert "is not uploaded again" in form
    assert refused.name in form

    answer = client.post(
        reverse("extractions:change_options", args=[refused.key]),
        {"server": "EU-1", "metadata_key": ["batch"], "metadata_value": ["7"]},
    )

    assert answer.url == refused.get_absolute_url()
    again = drive.step(refused)
    assert (again.state, again.server, again.metadata) == (State.RUNNING, "EU-1", {"batch": "7"})
    assert Extraction.objects.count() == 1
    assert list(api.accepted) == [str(refused.key)]


def test_a_document_that_the_service_had_becomes_a_new_one(befallen, page_of, client):
    failed = befallen(scenario("ERROR"))
    page_of(failed)
    address = reverse("extractions:change_options", args=[failed.key])
    assert "charged again: about 2 credits" in client.get(address).content.decode()

    answer = client.post(address, {"server": "FR-2", "pdf_page_start": "1", "pdf_page_end": "1"})

    new = Extraction.objects.exclude(pk=failed.pk).get()
    assert answer.url == new.get_absolute_url()
    assert (new.sha256, new.server, new.pdf_page_end) == (failed.sha256, "FR-2", 1)
    failed.refresh_from_db()
    assert failed.state == State.FAILED


def test_pages_that_are_not_there_are_told_and_nothing_is_lost(befallen, page_of, client):
    refused = befallen(scenario("400"))
    page_of(refused)

    answer = client.post(
        reverse("extractions:change_options", args=[refused.key]), {"server": "EU-1", "pdf_page_end": "9"}
    )

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "The document has only 1 page." in page
    assert 'value="9"' in page
    refused.refresh_from_db()
    assert (refused.state, refused.server) == (State.REJECTED, "FR-1")


def test_a_worker_that_read_the_row_before_the_options_changed_sends_nothing_old(befallen, client, drive, alice, api):
    from extractions.forwarding.steps.send import send_document

    waiting = befallen(scenario("cut line"))
    Extraction.objects.update(next_try_at=timezone.now())
    stale = Extraction.objects.select_related("connection", "schema", "classifier").get()
    client.force_login(alice)
    client.post(reverse("extractions:use_server", args=[waiting.key]), {"choice": "FR-3"})

    send_document(stale, drive.stop)

    assert len(api.uploads()) == 1
    assert drive.step(waiting).server == "FR-3"


# Who reads what.


@pytest.mark.parametrize(("who", "told"), [("alice", False), ("team administrator", True), ("staff", True)])
def test_only_those_who_can_change_the_key_are_told_how(befallen, page_of, alice, who, told):
    waiting = befallen(scenario("401"))
    if who == "staff":
        alice.is_staff = True
        alice.save()
    if who == "team administrator":
        Membership.objects.filter(person=alice).update(role=Membership.Role.ADMINISTRATOR)

    assert ("Change key: set ANESYA_API_KEY" in account_in(page_of(waiting))) is told
    assert KEY not in page_of(waiting)


def test_staff_resume_what_staff_paused(befallen, api, page_of, client, alice, connection):
    waiting = make_extraction(owner=alice)
    connection.pause_for(Connection.Pause.BY_HAND, until=None)
    assert [label for *_rest, label in main_buttons(page_of(waiting))] == ["Cancel"]
    alice.is_staff = alice.is_superuser = True
    alice.save()

    page = page_of(waiting)
    assert [label for *_rest, label in main_buttons(page)] == ["Resume sending"]
    press(client, page)

    connection.refresh_from_db()
    assert not connection.paused


@pytest.mark.parametrize("verb", ["try_now", "use_server", "change_options"])
def test_a_viewer_only_looks_and_a_stranger_sees_nothing(client, alice, victor, charlie, verb):
    extraction = make_extraction(owner=alice, state="REJECTED", error_code="refused")
    address = reverse(f"extractions:{verb}", args=[extraction.key])

    client.force_login(victor)
    assert client.post(address, {"choice": "FR-2", "server": "FR-2"}).status_code == 403
    client.force_login(charlie)
    assert client.post(address, {"choice": "FR-2", "server": "FR-2"}).status_code == 404

    extraction.refresh_from_db()
    assert (extraction.state, extraction.server) == ("REJECTED", "FR-1")
