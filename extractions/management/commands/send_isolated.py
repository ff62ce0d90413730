"""`manage.py send_isolated PK`: send this crash suspect, then others, one at a time; started by the worker."""

from __future__ import annotations

import signal
import threading

from django.core.management.base import BaseCommand, CommandParser

from extractions.forwarding.steps.isolation import send_suspects

STOPPING = (signal.SIGTERM, signal.SIGINT)


class Command(BaseCommand):
    help = "Send documents under suspicion, one at a time, and end. The worker starts this."
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pk", type=int)

    def handle(self, *, pk: int, **options: object) -> None:
        stop = threading.Event()
        for number in STOPPING:
            signal.signal(number, lambda *_: stop.set())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        send_suspects(pk, stop)
