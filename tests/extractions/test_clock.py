"""Time goes on, whatever happens to the clock of the machine."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from extractions import clock
from tests.factories import make_extraction


@pytest.fixture
def machine(monkeypatch):
    """A machine whose clocks stand still until they are moved."""
    machine = SimpleNamespace(wall=timezone.now(), monotonic=1000.0)
    monkeypatch.setattr(clock.timezone, "now", lambda: machine.wall)
    monkeypatch.setattr(clock.time, "monotonic", lambda: machine.monotonic)
    clock.reset()
    yield machine
    clock.reset()


def pass_seconds(machine, seconds):
    machine.wall += timedelta(seconds=seconds)
    machine.monotonic += seconds


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has a clock of its own")
def test_time_goes_on_after_the_clock_was_put_back_and_while_nobody_writes(machine, alice):
    make_extraction(owner=alice, received_at=machine.wall)
    begun = clock.now()
    pass_seconds(machine, 1.0)
    clock.now()

    machine.wall -= timedelta(hours=2)
    seen = []
    for _second in range(30):
        pass_seconds(machine, 1.0)
        seen.append((clock.now() - begun).total_seconds())

    assert seen == pytest.approx([2.0 + number for number in range(30)], abs=0.01)
