import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reading.errors import ChildDied, ChildOutOfMemory, ChildTimedOut, TooManyPages
from reading.sandbox import SandboxPool
from tests.reading import work_for_sandbox as work

ONE_PROCESSOR = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"


@pytest.fixture(scope="module")
def children():
    with SandboxPool(size=2, memory_mb=1024) as children:
        yield children


def test_a_result_comes_back(children):
    assert children.run(work.double, 21, timeout=20) == 42


def test_the_work_is_done_in_another_process_which_is_kept(children):
    first = children.run(work.my_pid, timeout=20)

    assert first != os.getpid()
    assert children.run(work.my_pid, timeout=20) == first


def test_what_is_yielded_arrives_as_events(children):
    events = []

    result = children.run(work.count_to, 3, timeout=20, on_event=events.append)

    assert (events, result) == ([1, 2, 3], "done")


def test_what_is_yielded_is_a_list_when_nobody_listens(children):
    assert children.run(work.count_to, 3, timeout=20) == [1, 2, 3]


def test_events_arrive_while_the_work_goes_on_and_a_listener_can_stop_it(children):
    def stop(number):
        if number == 3:
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"):
        children.run(work.count_slowly, timeout=20, on_event=stop)
    assert children.run(work.double, 1, timeout=20) == 2


def test_an_error_comes_back_as_itself(children):
    with pytest.raises(TooManyPages) as caught:
        children.run(work.refuse, timeout=20)

    assert (caught.value.pages, caught.value.limit) == (7, 5)
    assert "in refuse" in caught.value.__notes__[0]


def test_an_error_that_cannot_travel_comes_back_in_words(children):
    with pytest.raises(RuntimeError, match="Unportable in a child process"):
        children.run(work.raise_unportable, timeout=20)


def test_a_result_that_cannot_travel_is_an_error(children):
    with pytest.raises(Exception, match=r"(?i)pickle|local"):
        children.run(work.return_unportable, timeout=20)
    assert children.run(work.double, 1, timeout=20) == 2


@pytest.mark.parametrize(("deadly", "ending"), [(work.crash, "SIGSEGV"), (work.leave, "exit code 3")])
def test_a_crash_is_told_and_the_next_call_gets_a_new_child(children, deadly, ending):
    with pytest.raises(ChildDied, match=ending):
        children.run(deadly, timeout=20)
    assert children.run(work.double, 2, timeout=20) == 4


def test_a_call_that_takes_too_long_is_killed(children):
    children.run(work.double, 1, timeout=20)
    started = time.monotonic()

    with pytest.raises(ChildTimedOut):
        children.run(work.sleep, 60, timeout=0.5)

    assert time.monotonic() - started < 5
    assert children.run(work.double, 2, timeout=20) == 4


def test_who_sleeps_may_take_longer_than_who_works(children):
    """A process that waits for its turn on a busy machine stands still, too."""
    assert children.run(work.sleep, 0.6, timeout=0.3, patience=60) == 0.6


def test_who_stands_in_line_for_the_processor_loses_no_time(children):
    """Five others want the one processor on which the child may run, and they come first."""
    others = [subprocess.Popen([sys.executable, "-c", ONE_PROCESSOR + "while True: pass"]) for _ in range(5)]
    try:
        begun = time.monotonic()
        assert children.run(work.spin_on_one_processor, 0.4, timeout=1.0, patience=1.5) == 0.4
        assert time.monotonic() - begun > 1.5, "or it was not kept waiting"
    finally:
        for other in others:
            other.kill()
            other.wait()


@pytest.mark.parametrize("idle", [work.sleep, work.spin])
def test_patience_has_an_end_and_work_has_none(children, idle):
    children.run(work.double, 1, timeout=20)
    started = time.monotonic()

    with pytest.raises(ChildTimedOut):
        children.run(idle, 60, timeout=0.3, patience=2 if idle is work.sleep else 100)

    assert time.monotonic() - started < 25, "long before it would have ended by itself or by the clock"


def test_what_a_child_did_before_does_not_count(children):
    for _ in range(3):
        assert children.run(work.spin, 0.3, timeout=0.8, patience=60) == 0.3


def test_a_stream_that_never_ends_is_killed(children):
    with pytest.raises(ChildTimedOut):
        children.run(work.count_slowly, timeout=1, on_event=lambda _: None)


def test_memory_is_limited(children):
    with pytest.raises(ChildOutOfMemory):
        children.run(work.take_memory, 2048, timeout=20)
    assert children.run(work.take_memory, 16, timeout=20) == 16 * 1024 * 1024


def test_memory_of_one_call_is_free_before_the_next(children):
    taken = children.run(work.take_small_pieces, 300, timeout=20)

    assert taken - children.run(work.resident, timeout=20) > 200


def test_at_most_size_children_work_at_once_and_the_others_queue():
    with SandboxPool(size=2) as children:
        pids = []
        threads = [
            threading.Thread(target=lambda: pids.append(children.run(work.my_pid, timeout=20))) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(pids) == 6
    assert len(set(pids)) <= 2


def test_who_asks_again_and_again_does_not_overtake_who_waits():
    with SandboxPool(size=1) as children:
        children.run(work.double, 1, timeout=20)
        calls, stop = [], threading.Event()

        def busy():
            while not stop.is_set():
                children.run(work.sleep, 0.05, timeout=20)
                calls.append("busy")

        eager = [threading.Thread(target=busy) for _ in range(2)]
        for thread in eager:
            thread.start()
        time.sleep(0.3)
        before = len(calls)
        children.run(work.double, 1, timeout=20)
        passed = len(calls) - before
        stop.set()
        for thread in eager:
            thread.join()

    assert passed <= 3


def test_a_child_is_replaced_after_its_share_of_calls():
    with SandboxPool(size=1, recycle_after=2) as children:
        pids = [children.run(work.my_pid, timeout=20) for _ in range(4)]

    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_child_that_keeps_most_of_its_memory_is_replaced():
    with SandboxPool(size=1, memory_mb=1000) as children:
        pids = [children.run(work.keep_memory, megabytes, timeout=20) for megabytes in (1, 750, 1)]

    assert pids[0] == pids[1] != pids[2]


def test_a_child_outlives_the_thread_that_started_it():
    with SandboxPool(size=1) as children:
        pids = []
        thread = threading.Thread(target=lambda: pids.append(children.run(work.my_pid, timeout=20)))
        thread.start()
        thread.join()
        time.sleep(0.2)
        pids.append(children.run(work.my_pid, timeout=20))

    assert pids[0] == pids[1]


def test_closing_ends_the_work_and_refuses_more():
    children = SandboxPool(size=1)
    caught = []

    def busy():
        try:
            children.run(work.sleep, 60, timeout=60)
        except ChildDied as error:
            caught.append(error)

    children.run(work.double, 1, timeout=20)
    thread = threading.Thread(target=busy)
    thread.start()
    time.sleep(0.3)
    children.close()
    thread.join(10)

    assert len(caught) == 1
    with pytest.raises(RuntimeError, match="closed"):
        children.run(work.double, 1, timeout=20)


def test_children_run_on_one_core_and_offline(children):
    assert children.run(work.environment, "OMP_NUM_THREADS", timeout=20) == "1"
    assert children.run(work.environment, "HF_HUB_OFFLINE", timeout=20) == "1"


def test_a_child_dies_with_its_parent(tmp_path):
    root = Path(__file__).parents[2]
    program = tmp_path / "parent.py"
    program.write_text(
        "import os, signal, sys\n"
        f"sys.path.insert(0, {str(root)!r})\n"
        "from reading.sandbox import SandboxPool\n"
        "from tests.reading import work_for_sandbox as work\n"
        "if __name__ == '__main__':\n"
        "    print(SandboxPool(size=1).run(work.my_pid, timeout=20), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    answer = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=30, check=False)
    pid = int(answer.stdout)

    for _ in range(100):
        if not alive(pid):
            break
        time.sleep(0.05)
    assert not alive(pid)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie waits for whoever adopted it.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")
