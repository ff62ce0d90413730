"""`manage.py web`: the pages, served by waitress."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

import waitress
from django.conf import settings
from django.core.management.base import BaseCommand

from portal.wsgi import application


class Command(BaseCommand):
    help = "Serve the pages until SIGTERM."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            raise SystemExit(0)

        signal.signal(signal.SIGTERM, stop)
        waitress.serve(
            application,
            host=settings.PORTAL_HOST,
            port=settings.PORTAL_PORT,
            threads=settings.WEB_THREADS,
            # A body is spooled to disk before a thread is taken, so a slow upload never holds one.
            inbuf_overflow=64 * 1024,
            max_request_body_size=settings.UPLOAD_MAX_BYTES * 4,
            ident=None,
            clear_untrusted_proxy_headers=False,
            _quiet=True,
        )
