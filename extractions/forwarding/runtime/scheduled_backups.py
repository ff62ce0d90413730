"""Takes scheduled backups, each in its own process, so that the worker carries on and neither can harm the other."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

from django.conf import settings

from extractions import clock
from extractions.backups import history

POLL_SECONDS = 1.0
log = logging.getLogger(__name__)


def take_if_due(stop: threading.Event) -> None:
    """Waits for the process. If it is terminated together with the worker, earlier backups stay as they were."""
    if not history.is_due(clock.now()):
        return
    sealed = [] if settings.BACKUP_PASSPHRASE else ["--without-keys"]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-m", "django", "backup", *sealed],
        cwd=settings.BASE_DIR,
        env=os.environ.copy(),
        stdout=subprocess.DEVNULL,
    )
    while process.poll() is None:
        if stop.wait(POLL_SECONDS):
            process.terminate()
            process.wait()
            return
    if process.returncode:
        log.error("The backup of the schedule failed; the worker page says why")
