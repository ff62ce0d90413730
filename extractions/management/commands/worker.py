"""`manage.py worker`: send, follow and finish documents until told to stop."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from extractions.forwarding.worker import Worker


class Command(BaseCommand):
    help = "Send documents to the extraction API and follow them. Stops cleanly on SIGTERM."

    def handle(self, **options: Any) -> None:
        worker = Worker()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop.set())
        worker.run()
