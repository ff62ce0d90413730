"""What the health checks know, with what helps."""

from __future__ import annotations

from collections.abc import Iterator

from extractions.forwarding.steps.connection_state import active_connections
from extractions.monitoring import health
from extractions.monitoring.doctor.finding import Finding, Level, unwise, wrong

LEVELS = {
    health.Level.WELL: Level.WELL,
    health.Level.DEGRADED: Level.UNWISE,
    health.Level.DOWN: Level.WRONG,
}
REMEDIES = {
    "worker": "Start one: manage.py worker. A worker with another folder needs the same DATA_DIR.",
    "files": "Mount the disk. If the documents are lost for good: manage.py adopt_files.",
    "engine": "Start it with manage.py up or manage.py engine, and read its log.",
    "sending": "The banner on the pages says why, and staff find buttons on the worker page.",
    "queue": "The worker page shows what holds it up.",
    "quarantine": "The worker page lists them; docs/files.md says what to do.",
    "backup": "The worker page says why, and so does manage.py backup.",
}
ELSEWHERE = {"database", "disk"}
"""Examined more closely by other rooms of the doctor."""


def examine() -> Iterator[Finding]:
    for check in health.checks():
        if check.name not in ELSEWHERE:
            sentence = check.sentence or "As it should be."
            remedy = "" if check.well else REMEDIES.get(check.name, "")
            detail = f" ({check.detail})" if check.detail else ""
            yield Finding(check.name, LEVELS[check.severity], f"{sentence.rstrip('.')}{detail}.", remedy)
    yield from _expiring_keys()


def _expiring_keys() -> Iterator[Finding]:
    for connection in active_connections():
        days = connection.days_left
        if days is None or not connection.expires_soon:
            continue
        which = f"The key of {connection}"
        if days < 0:
            yield wrong("connection", f"{which} has expired.", "Enter a new one under API connection.")
        else:
            yield unwise("connection", f"{which} expires in {days} days.", "Enter a new one under API connection.")
