"""`python -m tests.faults.skewed_worker HOURS [JUMP_AFTER]`: a worker whose clock is wrong by so many hours.

With JUMP_AFTER, the clock is right at first and jumps after so many seconds.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta

import django


def main() -> None:
    hours, jump_after = float(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    right, begun = timezone.now, time.monotonic()

    def now() -> datetime:
        jumped = time.monotonic() - begun >= jump_after
        return right() + timedelta(hours=hours if jumped else 0)

    timezone.now = now
    call_command("worker")


if __name__ == "__main__":
    main()
