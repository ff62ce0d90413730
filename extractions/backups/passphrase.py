"""Where the passphrase of a backup's keys comes from: a file that is named, or the setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser


def add_passphrase(parser: CommandParser) -> None:
    parser.add_argument("--passphrase-file", type=Path, help="a file with the passphrase; otherwise BACKUP_PASSPHRASE")


def passphrase_of(options: dict[str, Any]) -> str:
    path: Path | None = options["passphrase_file"]
    if path is None:
        return str(settings.BACKUP_PASSPHRASE)
    try:
        passphrase = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CommandError(f"The passphrase cannot be read: {error}") from error
    if not passphrase:
        raise CommandError(f"{path} is empty.")
    return passphrase
