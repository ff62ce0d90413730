"""A process supervisor: starts processes, restarts them with backoff when they die, stops them cleanly."""

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

STOP_TIMEOUT = 9.0
"""Seconds between SIGTERM and SIGKILL."""
INITIAL_BACKOFF, MAX_BACKOFF, STABLE_AFTER = 0.5, 30.0, 10.0
PR_SET_PDEATHSIG = 1
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


@dataclass
class Process:
    """A supervised process. `run` is called in the child and should return only when it stops. Times in seconds."""

    name: str
    run: Callable[[], object]
    pid: int = 0
    stop_timeout: float = STOP_TIMEOUT
    started_at: float = 0.0
    backoff: float = INITIAL_BACKOFF
    start_at: float = field(default_factory=time.monotonic)


class Supervisor:
    """Runs processes until SIGTERM or SIGINT.

    The children are forked, so an application that is already loaded serves at once. Nothing that does not survive a
    fork (threads, database connections) may exist when `run` is called. `announce` is polled until it returns true: it
    tells people that everything is up.
    """

    def __init__(self, processes: list[Process], announce: Callable[[], bool]) -> None:
        self.processes = processes
        self.announce = announce
        self.announced = self.stopping = False

    def run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        while not self.stopping:
            self._reap()
            self._start_due()
            self.announced = self.announced or self.announce()
            self.stopping = self._wait(0.5 if self.announced else 0.02)
        self._finish()

    def _wait(self, seconds: float) -> bool:
        """Sleep until a signal arrives; whether it asks to stop."""
        received = signal.sigtimedwait(SIGNALS, seconds)
        return received is not None and received.si_signo != signal.SIGCHLD

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
            die_with_parent(parent)
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
                uptime = time.monotonic() - process.started_at
                process.backoff = INITIAL_BACKOFF if uptime > STABLE_AFTER else min(process.backoff * 2, MAX_BACKOFF)
                process.start_at = time.monotonic() + process.backoff
                kill_group(process.pid, signal.SIGKILL)
                process.pid = 0
                logger.warning("The %s process ended; it starts again in %.1f s.", process.name, process.backoff)

    def _finish(self) -> None:
        """SIGTERM to all; SIGKILL to each after its timeout, or to all on a second signal."""
        running = [process for process in self.processes if process.pid]
        for process in running:
            os.kill(process.pid, signal.SIGTERM)
        begun, force = time.monotonic(), False
        while running and not force:
            running = [process for process in running if not os.waitpid(process.pid, os.WNOHANG)[0]]
            for process in running:
                if time.monotonic() - begun > process.stop_timeout:
                    kill_group(process.pid, signal.SIGKILL)
            force = bool(running) and self._wait(0.2)
        for process in self.processes:
            if process.pid:
                kill_group(process.pid, signal.SIGKILL)
        for process in running:
            os.waitpid(process.pid, 0)


def die_with_parent(parent: int) -> None:
    """Deliver SIGTERM to this process when its parent dies (Linux only; elsewhere the terminal does it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


def kill_group(pid: int, number: int) -> None:
    """Signal a process group."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
