"""System checks, run by `manage.py check --database default`, `migrate` and `test`."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.checks import CheckMessage, Warning

from portal import triggers


def check_triggers(databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Warnings only: an error would stop `migrate`, which repairs the triggers."""
    return [
        Warning(
            f"Database trigger: {difference}.",
            hint="Run manage.py migrate." if difference.repairable else "Nobody but the portal should add triggers.",
            id="portal.W001",
        )
        for alias in databases or ()
        for difference in triggers.differences(alias)
    ]
