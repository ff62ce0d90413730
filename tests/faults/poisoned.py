"""Breaks the process that sends the document whose hash POISON names, as a fault in a C library would.

POISON_SIGNAL is how: SIGSEGV if it is not set, or SIGSTOP for a process that freezes.
"""

from __future__ import annotations

import os
import resource
import signal

from django.apps import AppConfig


class Poisoned(AppConfig):
    name = "tests.faults"
    label = "poisoned"

    def ready(self) -> None:
        from extractions.forwarding.steps.send_attempt import SendAttempt

        original = SendAttempt.checkpoint
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        def checkpoint(self: SendAttempt) -> None:
            if self.extraction.sha256 == os.environ.get("POISON"):
                os.kill(os.getpid(), signal.Signals[os.environ.get("POISON_SIGNAL", "SIGSEGV")])
            original(self)

        SendAttempt.checkpoint = checkpoint  # type: ignore[method-assign]
