"""Work on untrusted files in child processes, so that a hostile file can only kill its own child.

A child is started when it is first needed, kept for many calls and replaced when it has crashed, run out of time or
memory, served `recycle_after` calls, or kept so much memory that the next call would lack it. It dies with its parent.
Its memory is limited by the kernel, by itself and by the parent, which kills it for what it holds (`memory_limits`).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any, Self

from reading.errors import ChildDied, ChildOutOfMemory, ChildTimedOut
from reading.memory_limits import EXIT_OUT_OF_MEMORY, MemoryLimits, memory_of

ENVIRONMENT = {
    # One busy core a child, and no threads that spin while they wait.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
    "OMP_WAIT_POLICY": "passive",
    # Whatever a library would like to fetch, it may not.
    "HF_HUB_OFFLINE": "1",
}
OUT_OF_MEMORY = ("bad_alloc", "Insufficient memory", "Failed to allocate memory", "Cannot allocate memory")
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGEST = 1 << 30
GRACE = 5
OBJECTS_BETWEEN_COLLECTIONS = 20_000
TICKS = os.sysconf("SC_CLK_TCK")
USER_TIME, SYSTEM_TIME = 11, 12  # in /proc/<pid>/stat, counted after the name
NANOSECONDS = 1_000_000_000  # of a second, in which /proc/<pid>/schedstat counts
MUCH = 0.5  # of the memory that a child may hold: libraries in C++ give up where they are refused as much again
LOOK = 1.0  # seconds between two looks at whether the work is still wanted
MEMORY_LOOK = 0.02  # seconds between two looks at the memory: a bomb unpacks some ten megabytes in them
MEGABYTE = 1024 * 1024
LARGEST_MESSAGE = 128 * MEGABYTE  # what one event or result may weigh: it is unpacked in the parent


class SandboxPool:
    """Up to `size` children; `run` may be called from any thread, and waits its turn while all children are busy.

    A child that holds more than `memory_mb` of memory is killed. Its address space is limited to the same number, or to
    `address_space_mb` where libraries reserve much more than they use, as those of neural networks do.
    """

    def __init__(
        self, size: int = 2, *, memory_mb: int = 1400, address_space_mb: int | None = None, recycle_after: int = 50
    ) -> None:
        self.size = size
        self._memory = MemoryLimits(memory_mb * MEGABYTE, (address_space_mb or memory_mb) * MEGABYTE)
        self._recycle_after = recycle_after
        self._places = _Places(size)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        function: Callable[..., Any],
        *args: object,
        timeout: float,
        patience: float = 1.0,
        on_event: Callable[[Any], object] | None = None,
        watch: Callable[[], object] | None = None,
    ) -> Any:
        """Call `function(*args)` in a child; the seconds count from when a child is free.

        It is stopped when it has worked for `timeout` seconds of the processor, or when `patience` times as many have
        passed by the clock, not counted while it stood in line for a processor: a machine that is busy with other
        things does not fail what would have ended.
        What an iterator yields is handed to `on_event` as it comes, or returned as a list when there is no `on_event`.
        An exception of `on_event`, or of `watch`, which is called about once a second, stops the work.
        """
        call = bytes(ForkingPickler.dumps((function, args, timeout)))
        events: list[Any] = []
        with self._child() as child:
            streamed, result = child.call(call, timeout, patience, on_event or events.append, watch)
        return events if streamed and on_event is None else result

    def close(self) -> None:
        """Kill all children; calls that are under way end with `ChildDied`."""
        with self._lock:
            self._closed = True
            children = [*self._idle, *self._busy]
            self._idle.clear()
        for child in children:
            child.kill()

    @contextlib.contextmanager
    def _child(self) -> Iterator[_Child]:
        with self._places:
            child = self._take()
            try:
                yield child
            finally:
                self._give_back(child)

    def _take(self) -> _Child:
        with self._lock:
            if self._closed:
                raise RuntimeError("these children are closed")
            child = self._idle.pop() if self._idle else None
            if child is None or not child.alive:
                child = _Child(self._memory)
            self._busy.add(child)
        return child

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            self._busy.discard(child)
            fit = child.calls < self._recycle_after and self._memory.leaves_enough(*child.memory())
            keep = child.reusable and fit and not self._closed
            if keep:
                self._idle.append(child)
        if not keep:
            child.kill()


class _Places:
    """A semaphore that serves in the order of coming.

    That of the library lets whoever asks again at once overtake those who wait, so that somebody with much to do would
    keep all others waiting till it is done.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        turn = threading.Lock()
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()  # until the one who leaves hands over its place

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class _Child:
    """The parent's side of one child."""

    def __init__(self, memory: MemoryLimits) -> None:
        context = multiprocessing.get_context("spawn")
        self._memory = memory
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, memory), daemon=True)
        self._process.start()
        theirs.close()
        self._killing = threading.Lock()
        self.calls = 0
        self.reusable = True
        self._held = 0

    @property
    def alive(self) -> bool:
        with self._killing:
            return self._process.is_alive()

    def memory(self) -> tuple[int, int]:
        """Bytes of address space and of memory that it holds; 0 where Linux does not tell."""
        return memory_of(self._process.pid or 0)

    def call(
        self,
        call: bytes,
        timeout: float,
        patience: float,
        on_event: Callable[[Any], object],
        watch: Callable[[], object] | None = None,
    ) -> tuple[bool, Any]:
        """The answer, and whether events came before it."""
        self.calls += 1
        self.reusable = False  # until the answer is complete
        self._held = 0
        allowance = _Allowance(self._process.pid, timeout, patience)
        try:
            self._connection.send_bytes(call)
            kind, value = self._receive(allowance, watch)
            while kind == "event":
                on_event(value)
                kind, value = self._receive(allowance, watch)
        except TimeoutError as error:
            self.kill()
            raise ChildTimedOut(timeout) from error
        except ChildOutOfMemory:
            self.kill()
            raise
        except (EOFError, ConnectionError) as error:
            raise self._death() from error
        if kind == "error":
            self.reusable = not isinstance(value, ChildOutOfMemory)
            raise value
        self.reusable = True
        return kind == "end", value

    def kill(self) -> None:
        with self._killing:
            if self._process.is_alive():
                self._process.kill()
            self._process.join()

    def _receive(self, allowance: _Allowance, watch: Callable[[], object] | None) -> tuple[str, Any]:
        next_look = time.monotonic() + min(LOOK, allowance.left())
        while not self._connection.poll(MEMORY_LOOK):
            self._held = max(self._held, self.memory()[1])
            if self._held > self._memory.resident:
                raise ChildOutOfMemory
            if time.monotonic() < next_look:
                continue
            if (left := allowance.left()) <= 0:
                raise TimeoutError
            if watch is not None:
                watch()
            next_look = time.monotonic() + min(LOOK, left)
        return self._message()

    def _message(self) -> tuple[str, Any]:
        try:
            packed = self._connection.recv_bytes(LARGEST_MESSAGE)
        except ConnectionError:
            raise
        except OSError as error:  # "bad message length": more than we are ready to unpack
            raise ChildOutOfMemory from error
        kind, value = ForkingPickler.loads(packed)
        return kind, value

    def _death(self) -> ChildDied:
        self._process.join(5)
        code = self._process.exitcode
        ending = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
        lacked = ending == signal.SIGABRT.name and self._held > MUCH * self._memory.resident
        lacked = lacked or code == EXIT_OUT_OF_MEMORY
        return ChildOutOfMemory(ending) if lacked else ChildDied(ending)


class _Allowance:
    """How much longer one call may go on."""

    def __init__(self, pid: int | None, seconds: float, patience: float) -> None:
        self._pid, self._seconds = pid, seconds
        self._worked, self._queued = self._worked_so_far(), self._queued_so_far()
        self._end = time.monotonic() + seconds * patience

    def left(self) -> float:
        """Seconds, until which it cannot be used up; never below 0."""
        worked = self._worked_so_far() - self._worked
        queued = self._queued_so_far() - self._queued
        return max(0.0, min(self._end + queued - time.monotonic(), self._seconds - worked))

    def _worked_so_far(self) -> float:
        """Of the processor. Where Linux does not tell, only the clock counts."""
        try:
            fields = Path(f"/proc/{self._pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[USER_TIME]) + int(fields[SYSTEM_TIME])) / TICKS

    def _queued_so_far(self) -> float:
        """Ready to work, but others had the processor."""
        try:
            return int(Path(f"/proc/{self._pid}/schedstat").read_text("ascii").split()[1]) / NANOSECONDS
        except (OSError, IndexError, ValueError):
            return 0.0


def _serve(connection: Connection, memory: MemoryLimits) -> None:
    """The child: answer calls until the parent hangs up."""
    os.environ.update(ENVIRONMENT)
    _limit(memory)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            call = connection.recv_bytes()
            try:
                connection.send(_answer(connection, call))
            except ConnectionError:
                raise
            except BaseException as error:  # whatever it is, the caller is the one to know
                connection.send(("error", _portable(error)))
            signal.setitimer(signal.ITIMER_PROF, 0)
            _give_memory_back()


def _answer(connection: Connection, call: bytes) -> tuple[str, Any]:
    function, args, longest = ForkingPickler.loads(call)
    # In case the parent is gone and a library holds the interpreter; of the processor, as the parent counts.
    signal.setitimer(signal.ITIMER_PROF, longest + GRACE)
    result = function(*args)
    if not isinstance(result, Iterator):
        return "result", result
    while True:
        try:
            item = next(result)
        except StopIteration as stop:
            return "end", stop.value
        connection.send(("event", item))


def _portable(error: BaseException) -> Exception:
    """The exception as it can cross to the parent, with the child's traceback as a note."""
    if isinstance(error, MemoryError) or any(sign in str(error) for sign in OUT_OF_MEMORY):
        return ChildOutOfMemory()
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, Exception):
        with contextlib.suppress(Exception):
            ForkingPickler.loads(ForkingPickler.dumps(error))
            error.add_note(f"In the child process:\n{trace}")
            return error
    return RuntimeError(f"{type(error).__name__} in a child process\n{trace}")


def _limit(memory: MemoryLimits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes its children
    memory.impose()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)  # the web process comes first
    prefer_speed()


def prefer_speed() -> None:
    """What a process does that reads pages and nothing else.

    A network asks for large pieces of memory all the time, and to have each of them from the system and give it back at
    once takes a third of detection's time. To look for circles among the objects of a page after every 700 of them, as
    Python does, takes a quarter of the time of a digital page.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, LARGEST)
        library.mallopt(M_TRIM_THRESHOLD, LARGEST)
        # Every arena reserves 64 MB of the address space that is limited above.
        library.mallopt(M_ARENA_MAX, 2)


def _give_memory_back() -> None:
    """The library keeps what was freed, for ever if one page of a document took a gigabyte in small pieces."""
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def _die_with_parent() -> None:
    # Not PR_SET_PDEATHSIG: Linux sends that when the *thread* that started the child ends.
    parent = multiprocessing.parent_process()
    if parent:
        wait([parent.sentinel])
    os._exit(1)
