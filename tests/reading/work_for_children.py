"""Functions that the tests of children run in a child; a child imports them by name."""

import os
import signal
import time

from reading.errors import TooManyPages


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


def take_memory(megabytes):
    return len(bytearray(megabytes * 1024 * 1024))


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
