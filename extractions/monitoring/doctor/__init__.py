"""Examines an installation, for `manage.py doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from extractions.monitoring.doctor import data, database, machine, public_address, secret_keys, state, surroundings
from extractions.monitoring.doctor.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]


def examine(url: str = "") -> Iterator[Finding]:
    """Everything; of the database only what can be told without it, where it does not answer."""
    yield from machine.examine()
    yield from data.examine()
    answer = database.answers()
    yield answer
    if answer.level is Level.WELL:
        tables = list(database.examine())
        yield from tables
        if not any(finding.subject == database.SUBJECT and finding.level is Level.WRONG for finding in tables):
            yield from secret_keys.examine_sealed()
            yield from state.examine()
    yield from secret_keys.examine()
    yield from surroundings.examine()
    if url:
        yield from public_address.examine(url)
