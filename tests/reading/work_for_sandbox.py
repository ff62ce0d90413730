"""Functions that the tests of children run in a child; a child imports them by name."""

import ctypes
import mmap
import os
import signal
import time
from pathlib import Path

from reading.errors import TooManyPages

_kept = []


def double(number):
    return 2 * number


def my_pid():
    return os.getpid()


def count_to(number):
    yield from range(1, number + 1)
    return "done"


def count_slowly():
    n = 0
    while True:
        n += 1
        yield n
        time.sleep(0.02)


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def leave():
    os._exit(3)


def sleep(seconds):
    time.sleep(seconds)
    return seconds


def spin(seconds):
    """Work, for so many seconds of the processor."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return seconds


def spin_on_one_processor(seconds):
    all_processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_processors)})
    try:
        return spin(seconds)
    finally:
        os.sched_setaffinity(0, all_processors)


def take_memory(megabytes):
    return len(bytearray(megabytes * 1024 * 1024))


def take_memory_and_return_it(size):
    return bytes(size)


def reserve_addresses(megabytes):
    with mmap.mmap(-1, megabytes * 1024 * 1024):
        return megabytes


def fill_memory(megabytes):
    """Slowly enough for somebody who looks; the pieces are touched, and so in memory."""
    pieces = []
    for _ in range(megabytes):
        pieces.append(b"x" * (1024 * 1024))
        time.sleep(0.005)


def abort_with(megabytes):
    """As a library in C++ does that is refused memory."""
    pieces = b"x" * (megabytes * 1024 * 1024)
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGABRT)
    return len(pieces)


def keep_memory(megabytes):
    _kept.append(bytearray(megabytes * 1024 * 1024))
    return os.getpid()


def take_small_pieces(megabytes):
    """Free all but the last of them, which holds the others' place. Returns the memory that they took."""
    library = ctypes.CDLL(None)
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    pieces = [library.malloc(1000) for _ in range(megabytes * 1000)]
    for piece in pieces:
        ctypes.memset(piece, 1, 1000)
    taken = resident()
    for piece in pieces[:-1]:
        library.free(piece)
    return taken


def resident(pid="self"):
    """Megabytes of a process, by default this one, that are in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") // 2**20


def refuse():
    raise TooManyPages(7, 5)


class Unportable(Exception):
    def __init__(self, one, two):
        super().__init__(one)


def raise_unportable():
    raise Unportable(1, 2)


def return_unportable():
    return lambda: None


def environment(name):
    return os.environ.get(name)
