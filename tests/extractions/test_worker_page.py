"""What staff see of the worker, and the buttons that help it."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding.steps.sweep import sweep
from extractions.models import Attempt, Connection, Extraction, WorkerProcess
from extractions.services import own_connections as service
from extractions.services.own_connections import ConnectionSettings
from portal.audit.models import Entry
from tests.factories import make_extraction, make_team

WORKER = "/worker/"
LATER = timedelta(minutes=9)


@pytest.fixture
def staff(alice):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return alice


@pytest.fixture
def at_work(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def living(db):
    return make_process("here:1")


def make_process(name, **fields):
    host, _colon, pid = name.partition(":")
    lanes = {"send": [2, 16], "render": [1, 1]}
    return WorkerProcess.objects.create(name=name, host=host, pid=int(pid), lanes=lanes, **fields)


def make_attempt(extraction, outcome, **fields):
    number = extraction.tries.count() + 1
    return Attempt.objects.create(
        extraction=extraction, number=number, lease=number, outcome=outcome, ended_at=timezone.now(), **fields
    )


def seen(client, **query):
    response = client.get(WORKER, query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def held(owner, by, state="SENDING", **fields):
    return make_extraction(
        owner=owner, state=state, held_by=by, lease=4, lease_until=timezone.now() + timedelta(minutes=1), **fields
    )


def test_the_page_is_for_staff_only(client, alice):
    assert client.get(WORKER).status_code == 302
    client.force_login(alice)

    assert client.get(WORKER).status_code == 403
    assert "Worker" not in client.get(reverse("extractions:dashboard")).content.decode()


@pytest.mark.parametrize("verb", ["pause_sending", "resume_sending", "try_everything", "look_again", "refresh_schemas"])
def test_only_staff_with_the_permission_press_its_buttons(client, alice, verb):
    alice.is_staff = True
    alice.save()
    client.force_login(alice)

    assert "<form" not in seen(client).split('id="worker"')[1]
    assert client.post(reverse(f"extractions:{verb}")).status_code == 403


def test_an_empty_portal_says_so_in_words(at_work):
    page = seen(at_work)

    for words in ("No worker was ever seen.", "Nothing is held", "Nothing waits.", "Nothing was sent yet."):
        assert words in page


def test_living_silent_and_stopped_workers_are_told_apart(at_work, living):
    silent = make_process("there:2")
    WorkerProcess.objects.filter(pk=silent.pk).update(seen_at=timezone.now() - timedelta(minutes=5))
    make_process("gone:3", stopped_at=timezone.now())

    page = seen(at_work)

    rows = {name: page.split(f'id="process-{row.pk}"')[1].split("</tr>")[0] for name, row in
            ((row.host, row) for row in WorkerProcess.objects.all())}  # fmt: skip
    assert "sending 2/16" in rows["here"]
    assert "silent for 5 min" in rows["there"]
    assert "stopped" in rows["gone"]
    assert "Not running" not in page


def test_staff_are_warned_on_every_page_while_nobody_works(client, at_work, bob):
    home = reverse("extractions:list")
    assert "No worker is running." in at_work.get(home).content.decode()

    make_process("here:1")
    assert "No worker is running." not in at_work.get(home).content.decode()

    WorkerProcess.objects.all().delete()
    client.force_login(bob)
    assert "No worker is running." not in client.get(home).content.decode(), "Bob could not start one"


def test_everybody_is_told_that_the_engine_is_warming_up_until_it_is_ready(client, bob):
    client.force_login(bob)
    home, connection = reverse("extractions:list"), Connection.current()

    for readiness, warming, broken in (("warming", True, False), ("ready", False, False), ("broken", False, True)):
        Connection.objects.filter(pk=connection.pk).update(readiness=readiness)
        page = client.get(home).content.decode()
        assert ("The embedded engine is warming up." in page) is warming
        assert ("The embedded engine cannot load its models." in page) is broken


def test_an_engine_that_does_not_answer_is_not_said_to_warm_up(client, bob):
    client.force_login(bob)
    connection = Connection.current()
    Connection.objects.filter(pk=connection.pk).update(readiness="warming", pause=Connection.Pause.UNREACHABLE)

    page = client.get(reverse("extractions:list")).content.decode()

    assert "does not answer" in page
    assert "warming up" not in page


def test_what_is_held_names_its_holder_and_a_dead_ones_lease_can_be_released(at_work, alice, living):
    fine, orphan = held(alice, "here:1"), held(alice, "dead:9")

    page = seen(at_work)
    assert "not heard of" not in page.split(f'id="held-{fine.pk}"')[1].split("</tr>")[0]
    assert "dead:9" in page.split(f'id="held-{orphan.pk}"')[1].split("</tr>")[0]
    assert f'id="release-{orphan.pk}"' in page
    assert f'id="release-{fine.pk}"' not in page
    for row in (fine, orphan):
        at_work.post(reverse("extractions:release", args=[row.key]))
    sweep()

    fine.refresh_from_db()
    orphan.refresh_from_db()
    assert (fine.state, orphan.state) == ("SENDING", "QUEUED")


def test_a_lease_released_after_the_hand_over_is_looked_for_and_not_sent(at_work, alice, living):
    orphan = held(alice, "dead:9", "SENT", handed_over_at=timezone.now())

    at_work.post(reverse("extractions:release", args=[orphan.key]))
    sweep()

    orphan.refresh_from_db()
    assert orphan.state == "CHECKING"


def test_documents_of_other_teams_have_numbers_and_no_names(at_work, alice, charlie, living):
    ours = make_extraction(owner=alice, name="ours.pdf", error_code="unavailable")
    theirs = make_extraction(owner=charlie, name="secret-merger.pdf", error_code="unavailable")
    make_attempt(theirs, "unclear")
    held(charlie, "here:1", name="secret-too.pdf")

    page = seen(at_work)

    assert ours.name in page
    assert "secret" not in page
    assert str(theirs.key)[:8] in page


def test_attempts_are_filtered_by_their_outcome(at_work, alice):
    row = make_extraction(owner=alice)
    bad, good = make_attempt(row, "not_sent", detail="no answer in time"), make_attempt(row, "accepted")

    everything, only = seen(at_work), seen(at_work, outcome="not_sent")

    assert f'id="attempt-{good.pk}"' in everything
    assert f'id="attempt-{bad.pk}"' in only
    assert "no answer in time" in only
    assert f'id="attempt-{good.pk}"' not in only
    assert "No attempt ended this way." in seen(at_work, outcome="crashed")
    assert f'id="attempt-{good.pk}"' in seen(at_work, outcome="nonsense")


def test_each_server_has_its_failures(at_work, alice):
    for server, outcome in (("FR-1", "unclear"), ("FR-1", "accepted"), ("EU-1", "accepted")):
        make_attempt(make_extraction(owner=alice, server=server), outcome)
    make_extraction(owner=alice, state="FAILED", server="EU-1", finished_at=timezone.now())

    page = seen(at_work)

    numbers = {
        server: [
            int(cell.split(">")[1].split("<")[0])
            for cell in page.split(f'id="server-{server}"')[1].split("</tr>")[0].split("<td")[1:6]
        ]
        for server in ("FR-1", "EU-1")
    }
    assert numbers == {"FR-1": [2, 1, 0, 1, 0], "EU-1": [1, 1, 0, 0, 1]}


def test_pausing_and_resuming_is_told_and_written_down(at_work, alice):
    make_extraction(owner=alice, error_code="unavailable", next_try_at=timezone.now() + LATER)

    at_work.post(reverse("extractions:pause_sending"))
    assert Connection.current().pause == "by_hand"
    assert "An administrator has paused sending." in seen(at_work)
    at_work.post(reverse("extractions:resume_sending"))

    assert not Connection.current().paused
    assert Extraction.objects.due(timezone.now()).exists(), "nobody waits for a back-off without a reason"
    assert list(Entry.objects.order_by("pk").values_list("action", flat=True))[-2:] == ["paused", "resumed"]


def test_each_connection_is_shown_paused_and_resumed_by_itself(at_work, alice, team):
    own = service.set_up(team, ConnectionSettings("https://api.anesya.app", "sk-live-0123456789"))
    make_extraction(owner=alice, connection=own, error_code="unavailable", next_try_at=timezone.now() + LATER)
    page = seen(at_work)
    assert f"<h3>{team}</h3>" in page
    assert own.base_url in page
    assert Connection.current().base_url in page

    at_work.post(reverse("extractions:pause_sending"), {"choice": own.pk})
    own.refresh_from_db()
    assert (own.pause, Connection.current().pause) == ("by_hand", "")
    page = seen(at_work)
    assert f'id="resume-sending-{own.pk}"' in page
    assert f'id="pause-sending-{Connection.current().pk}"' in page

    at_work.post(reverse("extractions:resume_sending"), {"choice": own.pk})
    own.refresh_from_db()
    assert not own.paused
    assert Extraction.objects.due(timezone.now()).exists()
    assert list(Entry.objects.order_by("pk").values_list("action", "team"))[-2:] == [
        ("paused", team.pk),
        ("resumed", team.pk),
    ]


def test_a_document_that_staff_paused_goes_on_by_its_own_connection(at_work, alice, team):
    own = service.set_up(team, ConnectionSettings("https://api.anesya.app", "sk-live-0123456789"))
    row = make_extraction(owner=alice, connection=own)
    own.pause_for(Connection.Pause.BY_HAND, until=None)

    page = at_work.get(row.get_absolute_url()).content.decode()

    assert f'id="button-resume_sending-{own.pk}-{row.pk}"' in page
    assert at_work.post(reverse("extractions:resume_sending"), {"choice": "99999"}).status_code == 404


def test_a_former_connection_is_shown_while_something_is_followed_by_it(at_work, alice, team):
    own = service.set_up(team, ConnectionSettings("https://api.anesya.app", "sk-live-0123456789"))
    row = make_extraction(owner=alice, connection=own, state="RUNNING")
    service.remove(team)

    assert "only what was sent by it is still followed" in seen(at_work)
    Extraction.objects.filter(pk=row.pk).update(state="CANCELLED")
    assert own.base_url not in seen(at_work)


def test_resuming_does_not_settle_which_copy_is_the_only_one(at_work):
    connection = Connection.current()
    Connection.objects.filter(pk=connection.pk).update(pause="copied")

    at_work.post(reverse("extractions:resume_sending"))

    assert Connection.current().pause == "copied"
    assert 'id="resume-sending"' not in seen(at_work)


def test_everything_that_backs_off_is_tried_but_nothing_that_was_asked_to_wait(at_work, alice):
    soon = timezone.now() + LATER
    backing_off = make_extraction(owner=alice, error_code="timeout", next_try_at=soon)
    asking = make_extraction(owner=alice, state="RUNNING", error_code="cut", next_try_at=soon)
    slow = make_extraction(owner=alice, state="RUNNING", error_code="rate", next_try_at=soon)
    calm = make_extraction(owner=alice, state="RUNNING", next_try_at=soon)
    looking = make_extraction(owner=alice, state="CHECKING", next_try_at=soon, search_misses=2)
    own = service.set_up(make_team(), ConnectionSettings("https://api.anesya.app", "sk-live-0123456789"))
    elsewhere = make_extraction(owner=alice, connection=own, error_code="timeout", next_try_at=soon)

    at_work.post(reverse("extractions:try_everything"))

    due = set(Extraction.objects.due(timezone.now()).values_list("pk", flat=True))
    assert due == {backing_off.pk, asking.pk, elsewhere.pk}
    assert not due & {slow.pk, calm.pk, looking.pk}


def test_all_undecided_are_looked_for_again_by_somebody_with_a_name(at_work, alice, bob):
    rows = [make_extraction(owner=owner, state="UNDECIDED", handed_over_at=timezone.now()) for owner in (alice, bob)]
    assert 'id="look-again"' in seen(at_work)

    at_work.post(reverse("extractions:look_again"))

    for row in rows:
        row.refresh_from_db()
        assert (row.state, row.decision, row.decided_by) == ("CHECKING", "look", alice)
    assert 'id="look-again"' not in seen(at_work)


def test_one_poll_is_cheap_however_much_there_is(at_work, alice, living, django_assert_max_num_queries):
    rows = [make_extraction(owner=alice, error_code="unavailable") for _ in range(15)]
    for row in rows:
        make_attempt(row, "not_sent")
    headers = {"HX-Request": "true"}
    at_work.get(WORKER, headers=headers)

    with django_assert_max_num_queries(30):
        part = at_work.get(WORKER, headers=headers).content.decode()

    assert "<html" not in part
    assert 'hx-trigger="every 5s"' in part
