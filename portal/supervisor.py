"""Keeps a few processes running: starts them, starts them again when they die, stops them clean."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

PATIENCE = 35.0
"""Seconds that a process has to stop: the worker may wait 30 for an answer that decides whether a document was paid."""
FIRST_PAUSE, LONGEST_PAUSE, SETTLED = 0.5, 30.0, 10.0
PR_SET_PDEATHSIG = 1
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


@dataclass
class Process:
    """One process to keep. `run` is called in the child and should not return before the end."""

    name: str
    run: Callable[[], object]
    pid: int = 0
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    start_at: float = field(default_factory=time.monotonic)


class Supervisor:
    """Runs processes until it is told to stop.

    The children are forked, so a site that is loaded already serves at once. Nothing that does not survive a fork
    (threads, database connections) may exist when `run` is called. `once_up` is asked again and again until it answers
    that it is done: it tells people that everything runs.
    """

    def __init__(self, processes: list[Process], once_up: Callable[[], bool]) -> None:
        self.processes = processes
        self.once_up = once_up
        self.told = self.stopping = False

    def run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        while not self.stopping:
            self._reap()
            self._start_due()
            self.told = self.told or self.once_up()
            self.stopping = self._wait(0.5 if self.told else 0.02)
        self._finish()

    def _wait(self, seconds: float) -> bool:
        """Sleep until something happens; whether it was the wish to stop."""
        happened = signal.sigtimedwait(SIGNALS, seconds)
        return happened is not None and happened.si_signo != signal.SIGCHLD

    def _start_due(self) -> None:
        for process in self.processes:
            if not process.pid and process.start_at <= time.monotonic() and not self.stopping:
                process.pid = self._fork(process)
                process.started_at = time.monotonic()

    def _fork(self, process: Process) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        if pid := os.fork():
            return pid
        code = 1
        try:
            os.setpgid(0, 0)
            die_with(parent)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            process.run()
            code = 0
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else 1
        except BaseException:
            logger.exception("%s failed", process.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _reap(self) -> None:
        for process in self.processes:
            if process.pid and os.waitpid(process.pid, os.WNOHANG)[0]:
                lived = time.monotonic() - process.started_at
                process.pause = FIRST_PAUSE if lived > SETTLED else min(process.pause * 2, LONGEST_PAUSE)
                process.start_at = time.monotonic() + process.pause
                kill_group(process.pid, signal.SIGKILL)
                process.pid = 0
                logger.warning("The %s process ended; it starts again in %.1f s.", process.name, process.pause)

    def _finish(self) -> None:
        """Ask everybody to stop; after a while, or when asked a second time, insist."""
        running = [process for process in self.processes if process.pid]
        for process in running:
            os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        insist = False
        while running and not insist and time.monotonic() < deadline:
            running = [process for process in running if not os.waitpid(process.pid, os.WNOHANG)[0]]
            insist = bool(running) and self._wait(0.2)
        for process in self.processes:
            if process.pid:
                kill_group(process.pid, signal.SIGKILL)
        for process in running:
            os.waitpid(process.pid, 0)


def die_with(parent: int) -> None:
    """End this process when its parent ends, however that happens (Linux; elsewhere the terminal does it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


def kill_group(pid: int, number: int) -> None:
    """Signal a process and everything that it started."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
