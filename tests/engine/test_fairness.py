"""Documents of a few pages beside documents of hundreds."""

from __future__ import annotations

import pytest

from engine.models import Extract, Status
from engine.processing import child_tasks
from engine.processing.work_queue import Dispatcher
from tests.engine import stand_ins
from tests.engine.conftest import extract_of, upload_by
from tests.reading import making
from tests.running import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = 300


@pytest.fixture
def start(settings, monkeypatch, reading_by):
    """A dispatcher with so many children, which read with stand-ins: half a second for a part of a long document."""
    started = []
    monkeypatch.setattr(child_tasks, "warm", stand_ins.does_nothing)
    monkeypatch.setattr(child_tasks, "read_pages", stand_ins.read_pages)
    reading_by("reads_a_little_of_all")

    def go(processes: int) -> None:
        settings.ENGINE_PROCESSES, settings.ENGINE_CHILD_MEMORY_MB = processes, 1024
        started.append(Dispatcher())
        started[0].start()

    yield go
    started[0].stop()


@pytest.mark.parametrize(("processes", "long_ones"), [(1, 1), (2, 1), (2, 3)])
def test_short_documents_do_not_wait_for_long_ones(client, stranger, tmp_path, pdf, start, processes, long_ones):
    book = making.pdf(tmp_path / "long.pdf", *["a page"] * PAGES)
    long = [extract_of(upload_by(client, book)).pk for _ in range(long_ones)]
    start(processes)
    busy = Extract.objects.filter(pk__in=long, status=Status.IN_PROGRESS)
    wait_for(lambda: busy.count() == min(processes, long_ones))

    short = [extract_of(upload_by(who, pdf)).pk for who in [client, stranger] * 5]

    wait_for(lambda: Extract.objects.filter(pk__in=short, status=Status.FINISHED).count() == len(short))
    assert not Extract.objects.filter(pk__in=long, status=Status.FINISHED).exists()
