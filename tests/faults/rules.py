"""What may happen to a document, in any order, and what must hold after every step."""

from __future__ import annotations

import hashlib
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from extractions.forwarding.steps import (
    connection_state,
    search_verification,
    send,
    sweep,
    webhook_receiver,
)
from extractions.forwarding.steps.dispatch import step
from extractions.forwarding.time_scale import settling
from extractions.intake.receiving import StoredFile
from extractions.intake.submitting import Options, submit
from extractions.models import Attempt, Connection, Extraction
from tests.faults.model import Actor, Clock, Service

State = Extraction.State
REFUSALS = (400, 401, 403, 404, 429, 307)
UNCLEAR = (408, 409, 500, 502, 503, "cut", "garbage")
ON_THE_WAY = ("connected", "chunk", "gate")
# Whether the service takes the document, after how many seconds, and after how many more it shows it.
FATES = st.tuples(st.booleans(), st.sampled_from([0, 0, 40]), st.sampled_from([0, 0, 60]))
SENT_OR_LATER = {State.SENT, State.CHECKING, State.UNDECIDED}
OURS = {"owner": None, "team": None, "clock": Clock(datetime(2030, 1, 1, tzinfo=UTC)), "machine": None}


class Rules(RuleBasedStateMachine):
    """One portal, one service, some workers. The machine is the kernel, the network, the clock and all the people."""

    def __init__(self):
        super().__init__()
        with transaction.atomic():
            Attempt.objects.all().delete()
            Connection.objects.update(trial=None)
            Extraction.objects.all().delete()
            Connection.objects.all().delete()
        self.clock = Clock(datetime(2030, 1, 1, tzinfo=UTC))
        self.service = Service(self.clock)
        OURS["machine"] = self
        send.STARTED_AT = self.clock.now()
        self.actors: list[Actor] = []
        self.before: dict[str, dict] = {}
        self.files: dict[str, str] = {}
        self.may_be_paid: dict[str, int] = {}
        self.told: list[tuple[str, str]] = []
        self.cause = ""
        Connection.current()

    @initialize(
        blind=st.sampled_from([False, False, False, True]),
        chatty=st.booleans(),
        trusted=st.sampled_from([True, True, False]),
        documents=st.integers(1, 2),
    )
    def begin(self, blind, chatty, trusted, documents):
        self.service.blind, self.service.chatty = blind, chatty
        if trusted and not blind:
            Connection.objects.update(search_trusted_at=self.clock.now())
        for size in (1500, 300)[:documents]:
            self._submit(None, size)

    # Few rules, each of which draws what it does: of many, Hypothesis tries the simplest far more often than the rest.

    @rule(data=st.data())
    def a_worker_works(self, data):
        deeds = [self._sweep, *[self._wait] * 2]
        deeds += [self._send] * 4 if len(self.actors) < 3 and self._queued() else []
        deeds += [self._go_on] * 4 if self._at(*ON_THE_WAY) else []
        deeds += [self._answer] * 4 if self._at("sent") else []
        deeds += [self._work_off] * 2 if self._due() else []
        data.draw(st.sampled_from(deeds))(data)

    @rule(data=st.data())
    def another_worker_works(self, data):
        self.a_worker_works(data)

    @rule(data=st.data())
    def something_happens(self, data):
        deeds = [self._move_clock, self._move_clock, self._schedule_maintenance]
        deeds += [self._kill] if self.actors else []
        deeds += [self._ring] if self.service.accepted else []
        data.draw(st.sampled_from(deeds))(data)

    @rule(data=st.data())
    def a_person_does_something(self, data):
        deeds = [self._wish, self._resume, self._resume, self._pause]
        deeds += [self._submit] * 2 if len(self.files) < 4 else []
        deeds += [self._decide] * 4 if Extraction.objects.filter(state=State.UNDECIDED).exists() else []
        data.draw(st.sampled_from(deeds))(data)

    # People

    def _submit(self, data, size=None):
        self.cause = "submit"
        size = size or data.draw(st.sampled_from([300, 1500]))
        content = os.urandom(size)
        name = f"documents/{hashlib.sha256(content).hexdigest()}.pdf"
        path = Path(django_settings.MEDIA_ROOT) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        stored = StoredFile(name, "a.pdf", hashlib.sha256(content).hexdigest(), size, "application/pdf", 1)
        row = submit(stored, Options(server="FR-1"), owner=OURS["owner"], team=OURS["team"], form_token=name)
        self.files[str(row.key)] = name
        self.may_be_paid[str(row.key)] = 1

    def _wish(self, data):
        self.cause = data.draw(st.sampled_from(["cancel", "request_deletion", "try_again"]))
        getattr(self._any(data), self.cause)()

    def _decide(self, data):
        row = self._any(data, state=State.UNDECIDED)
        choice = data.draw(st.sampled_from(["look", "send", "give_up"]))
        self.cause = f"decided {row.key}"
        if row.decide(choice, OURS["owner"]) and choice == "send":
            self.may_be_paid[str(row.key)] += 1

    def _pause(self, data):
        self.cause = "pause"
        Connection.current().pause_for(Connection.Pause.BY_HAND, until=None)

    def _resume(self, data):
        self.cause = "resume"
        connection_state.resume(Connection.current())

    # Workers

    def _send(self, data):
        """Claim a document and go some stops: blocks, the gate, or to the answer."""
        row = data.draw(st.sampled_from(self._queued()))
        self.cause = f"send {row.key}"
        self.service.coming_fate = data.draw(FATES)
        actor = Actor(str(row.key), lambda: deliver(row))
        row.refresh_from_db(fields=["lease"])
        actor.lease = row.lease
        for _ in range(data.draw(st.sampled_from([0, 1, 3, 4, 4]))):
            if actor.at in ON_THE_WAY:
                actor.go()
        self._keep(actor)

    def _go_on(self, data):
        """One block further, or to the gate, or through it: then the service has the whole form."""
        self.service.coming_fate = data.draw(FATES)
        actor = data.draw(st.sampled_from(self._at(*ON_THE_WAY)))
        self.cause = f"send {actor.key}"
        self._go(actor)

    def _go(self, actor, command=None):
        """Whoever has lost the row to somebody else changes nothing of it any more, but for facts."""
        before = Extraction.objects.get(key=actor.key)
        actor.go(command)
        after = Extraction.objects.get(key=actor.key)
        if before.lease != actor.lease and command != "accepted":
            assert (before.state, before.lease) == (after.state, after.lease), f"{self.cause}, with an old lease"
        self._keep()

    def _answer(self, data):
        actor = data.draw(st.sampled_from(self._at("sent")))
        taken = actor.fate.taken
        command = data.draw(st.sampled_from(UNCLEAR))
        clear = data.draw(st.booleans())
        if clear and taken is None:
            command = data.draw(st.sampled_from(REFUSALS))
        elif clear and taken.at <= self.clock.now():
            command = "accepted"
            self.told.append((actor.key, taken.id))
        self.cause = f"answer {command} to {actor.key}"
        self._go(actor, command)

    def _kill(self, data):
        """One sender ends where it stands; or all do, and a worker is started that knows nothing."""
        self.cause = "kill"
        everybody = data.draw(st.booleans())
        for actor in self.actors if everybody else [data.draw(st.sampled_from(self.actors))]:
            actor.kill()
        self._keep()
        if everybody:
            send.STARTED_AT = self.clock.now()

    def _sweep(self, data):
        self.cause = "sweep"
        sweep.sweep()

    def _work_off(self, data):
        """Look, follow, erase, fetch: whatever is next for a row that is not to be sent."""
        self.service.down = data.draw(st.sampled_from([False, False, False, True]))
        self._work(data.draw(st.sampled_from(self._due())))
        self.service.down = False

    def _work(self, row):
        self.cause = f"work {row.key}"
        step(row.pk, threading.Event())

    def _wait(self, data):
        """Alarm clock after alarm clock rings, and what is due is done; nothing is sent."""
        for _ in range(data.draw(st.integers(1, 8))):
            rows = Extraction.objects.exclude(state=State.QUEUED)
            ringing = [row.lease_until or row.next_try_at for row in rows if row.lease_until or row.next_try_at]
            if not ringing:
                return
            self.cause = "sweep"
            self.clock.move(max(0.0, (min(ringing) - self.clock.now()).total_seconds()) + 0.01)
            sweep.sweep()
            self._check()
            for row in self._due():
                self._work(row)
                self._check()

    def _schedule_maintenance(self, data):
        self.cause = "prove"
        search_verification.verify_search(Connection.current(), self.clock.start)
        connection = Connection.current()
        assert not (self.service.blind and connection.search_is_trusted()), "trusts a blind search"
        if connection.next_probe_at and connection.next_probe_at <= self.clock.now():
            connection_state.probe(connection)

    # Service and clock

    def _ring(self, data):
        """A webhook, which anybody can forge."""
        self.cause = "webhook"
        taken = data.draw(st.sampled_from(self.service.accepted))
        webhook_receiver.handle(data.draw(st.sampled_from([taken.id, "00000000-0000-4000-8000-000000000000"])))

    def _move_clock(self, data):
        self.cause = "clock"
        self.clock.move(data.draw(st.sampled_from([1, 3, 20, 65, 160, 1000])))

    # What must always hold

    @invariant()
    def paid_once(self):
        for key, limit in self.may_be_paid.items():
            paid = [item for item in self.service.accepted if item.key == key]
            assert len(paid) <= limit, f"{key} was paid {len(paid)} times ({self.cause})"

    @invariant()
    def facts_stay(self):
        rows = {
            str(row["key"]): row for row in Extraction.objects.values("key", "remote_id", "other_remote_ids", "lease")
        }
        waiting = {actor.key for actor in self.actors}
        for key, old in self.before.items():
            assert not old["remote_id"] or rows[key]["remote_id"] == old["remote_id"], (
                f"{key}: the id changed ({self.cause})"
            )
            assert rows[key]["lease"] >= old["lease"], f"{key}: the lease went back"
        for key, remote_id in self.told:
            known = [rows[key]["remote_id"], *rows[key]["other_remote_ids"]]
            assert remote_id in known or key in waiting, f"{key}: {remote_id} was told and forgotten ({self.cause})"

    @invariant()
    def no_way_back_without_a_search(self):
        for row in Extraction.objects.select_related("connection"):
            key = str(row.key)
            old = self.before.get(key)
            if old and row.state == State.QUEUED and old["state"] in SENT_OR_LATER:
                self._check_way_back(row, old)
            if old and old["state"] in {State.RUNNING, State.EXTRACTED, State.FAILED}:
                assert row.state not in {State.QUEUED, State.SENDING, State.SENT, State.CHECKING}, self.cause
            self.before[key] = {name: getattr(row, name) for name in ("state", "remote_id", "lease", "handed_over_at")}

    def _check_way_back(self, row, old):
        key = str(row.key)
        if old["state"] == State.UNDECIDED:
            assert self.cause == f"decided {key}"
        elif old["state"] == State.SENT:
            assert self.cause in {f"answer {status} to {key}" for status in REFUSALS}, self.cause
        else:
            assert self.cause == f"work {key}", self.cause
            assert row.search_misses >= 5, f"{row.search_misses} searches without a hit"
            assert self.clock.now() >= old["handed_over_at"] + settling()
            assert row.connection.search_is_trusted(self.clock.now())
            later = Extraction.objects.filter(handed_over_at__gt=old["handed_over_at"]).exclude(remote_id="")
            assert later.exists(), "nothing proves that the search is up to date"

    @invariant()
    def uploads_are_kept(self):
        rows = {
            str(row.key): row for row in Extraction.objects.only("key", "document", "sha256", "delete_requested_at")
        }
        assert rows.keys() == self.files.keys()
        for key, name in self.files.items():
            path = Path(django_settings.MEDIA_ROOT) / name
            if rows[key].delete_requested_at is None:
                assert hashlib.sha256(path.read_bytes()).hexdigest() == rows[key].sha256

    @invariant()
    def everything_has_a_clock(self):
        silent = Extraction.objects.filter(next_try_at=None, lease_until=None)
        assert not silent.filter(state__in=Extraction.UNDERWAY).exists(), self.cause
        assert not silent.filter(delete_requested_at__isnull=False, deleted_at=None).exists(), self.cause

    def teardown(self):
        """When the API behaves again, every document comes to its end by itself."""
        for actor in self.actors:
            actor.kill()
        self._keep()
        self.service.finishes, self.cause = True, "calm"
        connection_state.resume(Connection.current())
        for _ in range(60):
            if not self._calm_step():
                break
            self.paid_once()
            self.facts_stay()
        left = list(
            Extraction.objects.filter(state__in=Extraction.UNDERWAY).values_list("state", "error_code", "search_misses")
        )
        assert not left, f"never finished: {left}"
        for row in Extraction.objects.filter(state=State.EXTRACTED):
            assert row.remote_id in {item.id for item in self.service.accepted if item.key == str(row.key)}

    def _calm_step(self):
        alarms = [
            row.lease_until or row.next_try_at for row in Extraction.objects.filter(state__in=Extraction.UNDERWAY)
        ]
        connection = Connection.current()
        if not alarms:
            return False
        self.clock.move(max(0.0, (min(alarms) - self.clock.now()).total_seconds()) + 0.01)
        sweep.sweep()
        if connection.paused and connection.next_probe_at and connection.next_probe_at <= self.clock.now():
            connection_state.probe(connection)
        self.service.coming_fate = (True, 0, 0)
        for row in self._due():
            step(row.pk, threading.Event())
        for row in self._queued():
            actor = Actor(str(row.key), lambda row=row: deliver(row))
            while not actor.ended:
                actor.go("accepted")
        return True

    # Looking around

    def _check(self):
        self.paid_once()
        self.facts_stay()
        self.no_way_back_without_a_search()
        self.everything_has_a_clock()

    def _any(self, data, **fields):
        return data.draw(st.sampled_from(list(Extraction.objects.filter(**fields).order_by("pk"))))

    def _queued(self):
        due = Extraction.objects.due(self.clock.now()).filter(connection_state.SENDABLE, state=State.QUEUED)
        return list(due.order_by("pk"))

    def _due(self):
        return list(Extraction.objects.due(self.clock.now()).exclude(state=State.QUEUED).order_by("pk"))

    def _at(self, *places):
        return [actor for actor in self.actors if actor.at in places]

    def _keep(self, *new):
        self.actors = [actor for actor in (*self.actors, *new) if not actor.ended]


def deliver(row):
    """What the worker does for a document that is due; a suspect gets a sender of its own."""
    step(row.pk, threading.Event(), isolated=row.suspected_at is not None)
