"""Watched folders of a team: where they may be, set up, changed, removed."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction

from extractions import wakeup
from extractions.models import FolderRule, WatchedFolder
from portal.audit.recording import Action, record


def allowed_roots() -> list[Path]:
    """The folders of the settings in which teams may watch folders; without any, nobody can."""
    return [Path(root).resolve() for root in settings.WATCHED_FOLDER_ROOTS if root]


def resolved(path: str) -> Path | None:
    """Where the path leads, or None if that is not below an allowed root, nor one itself; links are followed first."""
    try:
        place = Path(path).resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    return place if any(place.is_relative_to(root) for root in allowed_roots()) else None


def overlapping(path: Path, besides: int | None) -> WatchedFolder | None:
    """Another watched folder in which this one is, or which is in this one: both would take the same files."""
    for folder in WatchedFolder.objects.exclude(pk=besides or 0):
        other = Path(folder.path)
        if path.is_relative_to(other) or other.is_relative_to(path):
            return folder
    return None


@transaction.atomic
def save(folder: WatchedFolder) -> None:
    before = WatchedFolder.objects.filter(pk=folder.pk).first()
    folder.error_code, folder.error_detail, folder.failures = "", "", 0
    if before is None:
        folder.save()
    else:
        # The lease and its times belong to the workers.
        folder.save(update_fields=[*SETTINGS, "error_code", "error_detail", "failures"])
    folder.run_now()
    record(Action.SETTING, folder, before=audit_facts(before) if before else None, after=audit_facts(folder))
    transaction.on_commit(wakeup.notify_workers, robust=True)


@transaction.atomic
def remove(folder: WatchedFolder) -> None:
    """Watch it no longer. Its files stay where they are, and its documents with the team."""
    record(Action.SETTING, folder, before=audit_facts(folder), after={"folder": ""})
    folder.delete()


@transaction.atomic
def add_rule(rule: FolderRule) -> None:
    """Replaces the rule of the same subfolder."""
    FolderRule.objects.filter(folder=rule.folder, subfolder__iexact=rule.subfolder).delete()
    rule.save()
    record(Action.SETTING, rule.folder, after={"subfolder": rule.subfolder, "schema": rule.schema_name})


@transaction.atomic
def remove_rule(rule: FolderRule) -> None:
    record(Action.SETTING, rule.folder, before={"subfolder": rule.subfolder, "schema": rule.schema_name})
    rule.delete()


SETTINGS = (
    *("path", "person", "language", "subfolder_key"),
    *("schema", "schema_name", "classifier", "classifier_name", "server", "metadata"),
)


def audit_facts(folder: WatchedFolder) -> dict[str, object]:
    return {
        "folder": folder.path,
        "person": str(folder.person or ""),
        "schema": folder.schema_name,
        "classifier": folder.classifier_name,
        "server": folder.server,
    }
