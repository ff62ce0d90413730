"""`manage.py worker`: send, follow and finish documents until stopped."""

from __future__ import annotations

import signal
from importlib.util import find_spec

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from extractions.forwarding.runtime.worker import Worker
from extractions.incoming.doors import Doors
from portal.upgrading import require_current_schema


class Command(BaseCommand):
    help = "Send documents to the extraction API and follow them. Stops cleanly on SIGTERM."

    def run_from_argv(self, argv: list[str]) -> None:
        require_current_schema()
        super().run_from_argv(argv)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--celery",
            action="store_true",
            help="take rows off the queue of CELERY_BROKER_URL, beside a worker without",
        )

    def handle(self, *, celery: bool = False, **options: object) -> None:
        if not settings.CELERY_BROKER_URL:
            if celery:
                raise CommandError("CELERY_BROKER_URL is not set, so there is no queue to take rows from.")
        elif find_spec("celery") is None:
            raise CommandError("CELERY_BROKER_URL is set, but Celery is not installed: pip install celery[redis]")
        if celery:
            from extractions.forwarding.runtime.celery_transport import run_worker

            run_worker(settings.WORKER_THREADS)
            return
        worker = Worker(Doors)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop.set())
        worker.run()
