"""`python -m tests.faults.hurried_worker`: a worker that looks into folders and mailboxes often.

Its leases on them end soon after it is killed.
"""

from __future__ import annotations

from datetime import timedelta

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from extractions.incoming import folders, leases, mails
    from extractions.models.incoming import IncomingSource

    IncomingSource.LEASE = timedelta(seconds=6)
    folders.STABLE_SECONDS = 0.5
    folders.INTERVAL = mails.INTERVAL = timedelta(seconds=1)
    leases.MAX_BACKOFF = timedelta(seconds=2)
    call_command("worker")


if __name__ == "__main__":
    main()
