"""Small files that unpack to gigabytes: no child may hold more memory than it was given."""

import contextlib
import os
import threading
from functools import partial
from pathlib import Path

import pytest

from reading.errors import CannotRead, ChildDied, ChildOutOfMemory
from reading.opening import inspect
from reading.page_words import words_of_pages
from reading.rendering import render_pages
from reading.sandbox import LARGEST_MESSAGE, SandboxPool
from tests.reading import work_for_sandbox as work
from tests.reading.bombs import BOMBS

LIMIT_MB = 400
MORE_THAN_A_LOOK_LATE_MB = 2 * LIMIT_MB
ADDRESS_SPACE_MB = 4096  # as a child with neural networks has: a bomb of a gigabyte would fit


def child_processes() -> set[str]:
    found: set[str] = set()
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        with contextlib.suppress(OSError):
            found.update((task / "children").read_text().split())
    return {pid for pid in found if not is_still_this_one(pid)}


def is_still_this_one(pid: str) -> bool:
    """Between fork and exec a child holds what this process does."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes()
    return True


class MemoryPeak:
    """The most megabytes that any child of this process held, except for those that are none of the tests here."""

    def __init__(self, except_for: set[str]) -> None:
        self.megabytes = 0
        self._others = except_for
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _watch(self):
        while not self._over.wait(0.005):
            for pid in child_processes() - self._others:
                with contextlib.suppress(OSError):
                    self.megabytes = max(self.megabytes, work.resident(pid))


@pytest.fixture(scope="module")
def others():
    """Servers that other modules of tests keep running."""
    return child_processes()


@pytest.fixture(scope="module")
def roomy(others):
    """A pool whose address space does not stop the bombs, so that the memory limit has to."""
    with SandboxPool(1, memory_mb=LIMIT_MB, address_space_mb=ADDRESS_SPACE_MB) as children:
        yield children


@pytest.fixture(scope="module")
def narrow(others):
    with SandboxPool(1, memory_mb=LIMIT_MB) as children:
        yield children


@pytest.mark.parametrize(
    "bomb",
    [BOMBS[0], *(pytest.param(bomb, marks=pytest.mark.long) for bomb in BOMBS[1:])],
    ids=lambda bomb: bomb.__name__,
)
def test_no_bomb_takes_more_memory_than_a_child_may_hold(others, roomy, narrow, bomb, tmp_path):
    path = tmp_path / "bomb.pdf"
    path.write_bytes(bomb())
    assert path.stat().st_size < 20_000

    with MemoryPeak(others) as peak:
        for children in (roomy, narrow):
            for work_on_it in (
                inspect,
                partial(words_of_pages, numbers=[1], recognise=False),
                partial(render_pages, numbers=[1], width=800, to_folder=tmp_path),
            ):
                with contextlib.suppress(CannotRead):
                    children.run(work_on_it, path, timeout=60)

    assert peak.megabytes < MORE_THAN_A_LOOK_LATE_MB
    assert roomy.run(work.double, 2, timeout=20) == narrow.run(work.double, 2, timeout=20) == 4


def test_a_bomb_is_refused_memory_even_if_nobody_looks(others, tmp_path, monkeypatch):
    path = tmp_path / "bomb.pdf"
    path.write_bytes(BOMBS[0]())
    monkeypatch.setattr("reading.sandbox.MEMORY_LOOK", 10)

    with (
        MemoryPeak(others) as peak,
        SandboxPool(1, memory_mb=LIMIT_MB, address_space_mb=ADDRESS_SPACE_MB) as children,
        pytest.raises(ChildDied),
    ):
        children.run(partial(words_of_pages, numbers=[1], recognise=False), path, timeout=60)

    assert peak.megabytes < 1.5 * LIMIT_MB


def test_who_is_refused_memory_is_said_to_lack_it(roomy):
    with pytest.raises(ChildOutOfMemory):
        roomy.run(work.abort_with, 3 * LIMIT_MB // 4, timeout=20)
    with pytest.raises(ChildDied) as caught:
        roomy.run(work.abort_with, 1, timeout=20)

    assert not isinstance(caught.value, ChildOutOfMemory)


def test_memory_counts_and_not_reserved_addresses(roomy):
    assert roomy.run(work.reserve_addresses, 2048, timeout=20) == 2048

    with pytest.raises(ChildOutOfMemory):
        roomy.run(work.fill_memory, 2 * LIMIT_MB, timeout=20)


def test_an_answer_that_would_fill_the_parent_is_not_unpacked(roomy):
    with pytest.raises(ChildOutOfMemory):
        roomy.run(work.take_memory_and_return_it, LARGEST_MESSAGE + 1, timeout=20)

    assert roomy.run(work.double, 2, timeout=20) == 4
