"""`manage.py web`: the web server (see `portal.serving`)."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from portal import triggers
from portal.admission import admit, is_heavy
from portal.serving import serve
from portal.upgrading import require_current_schema
from portal.wsgi import application

MONITORING_PATHS = frozenset({"/healthz", "/metrics"})


class Command(BaseCommand):
    help = "Serve the pages until SIGTERM."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        require_current_schema()
        super().run_from_argv(argv)

    def handle(self, **options: object) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            raise SystemExit(0)

        signal.signal(signal.SIGTERM, stop)
        triggers.report_differences()
        connections.close_all()
        serve(
            application,
            settings.PORTAL_HOST,
            settings.PORTAL_PORT,
            threads=settings.WEB_THREADS,
            admit=admit,
            heavy=is_heavy,
            session_cookie=settings.SESSION_COOKIE_NAME,
            proxies=settings.TRUSTED_PROXIES if settings.SECURE_PROXY_SSL_HEADER else (),
            urgent=MONITORING_PATHS,
            prefix=settings.FORCE_SCRIPT_NAME or "",
            folder=Path(settings.FILE_UPLOAD_TEMP_DIR),
        )
