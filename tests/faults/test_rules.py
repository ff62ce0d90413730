"""Everything that can happen, in any order: the five promises of forwarding hold after every step."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from extractions.forwarding.steps import (
    send,
    send_attempt,
)
from extractions.models import Extraction
from tests.factories import make_person, make_team
from tests.faults.model import Actor, Service, install
from tests.faults.rules import OURS, Rules, State

EXAMPLES = int(os.environ.get("RULES_EXAMPLES", "12"))
STEPS = int(os.environ.get("RULES_STEPS", "40"))


def assert_written_down(key):
    """The service has the whole document now; whoever comes after us must be able to know."""
    row = Extraction.objects.get(key=key)
    assert row.state == State.SENT, f"released in state {row.state}"
    assert row.handed_over_at is not None
    gone = (OURS["machine"].clock.now() - row.handed_over_at).total_seconds()
    assert gone <= 2, f"released {gone} seconds after it was written down"


def hand_over_and_pause(original):
    """The gate, with a moment after its commit in which the process may freeze or die."""

    def hand_over(self):
        passed = original(self)
        if passed:
            row = Extraction.objects.select_related("connection").get(pk=self.extraction.pk)
            assert not row.connection.paused or row.connection.trial_id == row.pk, "sent over a paused connection"
            assert row.state == State.SENT
            assert row.handed_over_at is not None
            Actor.pause("gate")
        return passed

    return hand_over


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_promises_hold_whatever_happens(monkeypatch, settings):
    settings.ANESYA_BASE_URL, settings.ANESYA_API_KEY = "http://model.example.com", "key"
    install(monkeypatch, lambda: OURS["machine"].service)
    monkeypatch.setattr(send, "STARTED_AT", send.STARTED_AT)
    monkeypatch.setattr(
        send_attempt.SendAttempt, "_hand_over", hand_over_and_pause(send_attempt.SendAttempt._hand_over)
    )
    monkeypatch.setattr(Service, "on_release", staticmethod(assert_written_down))
    OURS["machine"] = type("Start", (), {"service": Service(OURS["clock"])})
    OURS["team"] = make_team()
    OURS["owner"] = make_person(team=OURS["team"])

    run_state_machine_as_test(Rules, settings=LIMITS)


LIMITS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=[phase for phase in Phase if phase is not Phase.shrink or "RULES_SHRINK" in os.environ],
)
