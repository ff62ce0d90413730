"""File deletion as an outbox: requested in the transaction that drops the reference, carried out after the commit."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

from extractions.forwarding.steps import quarantine
from extractions.models import FileRemoval
from extractions.storage import file_store
from extractions.storage.file_store import StoreUnavailable

BATCH = 500

log = logging.getLogger(__name__)


def request(names: Collection[str]) -> None:
    """Call in the transaction that drops the last reference to these files."""
    rows = [FileRemoval(name=name) for name in names if name]
    FileRemoval.objects.bulk_create(rows, ignore_conflicts=True)


def requested(names: Collection[str]) -> set[str]:
    """Which of these files have a pending request."""
    return set(FileRemoval.objects.filter(name__in=list(names)).values_list("name", flat=True))


def carry_out() -> int:
    """Delete requested files, in quarantine too; the number of completed requests.

    Requests stay pending while the store is unreachable, or while their own file cannot be deleted.
    """
    done, last = 0, 0
    try:
        while removals := list(FileRemoval.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
            last = removals[-1].pk
            with file_store.required():
                deleted = _delete(removals)
            # Only after the second check: in a store that vanished meanwhile, files seem to be deleted.
            FileRemoval.objects.filter(pk__in=deleted).delete()
            done += len(deleted)
    except StoreUnavailable:
        log.warning("File deletion postponed: the store is unreachable")
    return done


def _delete(removals: list[FileRemoval]) -> list[int]:
    """Primary keys of requests that are done, or void because the file is referenced again."""
    named = quarantine.referenced_names([removal.name for removal in removals])
    done, failures, copies = [], [], 0
    for removal in removals:
        try:
            if removal.name not in named:
                (Path(settings.MEDIA_ROOT) / removal.name).unlink(missing_ok=True)
                copies += quarantine.delete_copies(removal.name)
            done.append(removal.pk)
        except OSError as error:
            if not file_store.is_reachable():
                raise
            failures.append(error)
    if failures:
        log.error("%d files cannot be deleted; the first: %s", len(failures), failures[0])
    if copies:
        quarantine.remove_empty_folders()
        quarantine.update_totals()
    return done
