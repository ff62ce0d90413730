import threading
import time
from pathlib import Path

import pytest

from extractions import wakeup
from extractions.models import Extraction
from tests.factories import make_extraction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listening():
    with wakeup.listen() as ringing:
        ringing.wait(0.0)
        yield ringing


def test_a_ring_wakes_who_waits(listening):
    threading.Timer(0.05, wakeup.notify_workers, ["a word"]).start()
    begun = time.monotonic()

    words = listening.wait(5)

    assert words == ["a word"]
    assert time.monotonic() - begun < 2


def test_without_a_ring_the_time_runs_out(listening):
    begun = time.monotonic()

    assert listening.wait(0.1) == []
    assert 0.08 < time.monotonic() - begun < 1


def test_a_verb_rings(listening, alice):
    make_extraction(owner=alice).cancel()
    begun = time.monotonic()

    listening.wait(5)

    assert time.monotonic() - begun < 1


def test_nobody_there_is_no_trouble(settings):
    wakeup.notify_workers("nobody")


def test_workers_that_are_gone_are_forgotten(settings, db):
    from django.db import connection

    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL forgets them by itself")
    gone = wakeup.SocketListener()
    gone._socket.close()

    wakeup.notify_workers()

    assert list((Path(settings.DATA_DIR) / wakeup.SOCKET_FOLDER).iterdir()) == []


def test_a_bell_that_is_broken_breaks_no_verb(alice, monkeypatch):
    def broken(word=""):
        raise OSError("no bell")

    monkeypatch.setattr(wakeup, "notify_workers", broken)
    row = make_extraction(owner=alice)

    assert row.cancel()
    assert Extraction.objects.get(pk=row.pk).state == Extraction.State.CANCELLED
