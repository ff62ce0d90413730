"""`manage.py verify_proof`: checks a proof sheet and says what is valid."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from extractions.presentation.proof.signed import MOST_BYTES
from extractions.presentation.proof.verifying import Outcome, verify


class Command(BaseCommand):
    help = "Say of a proof sheet what holds: its file, its data, the original, the values, the audit log."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the sheet, as a PDF")
        parser.add_argument("--original", type=Path, metavar="FILE", help="compare this file with the sheet's original")

    def handle(self, *, file: Path, original: Path | None, **options: object) -> None:
        for path in filter(None, (file, original)):
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
        if file.stat().st_size > MOST_BYTES:
            raise CommandError(f"{file} is too large for a proof sheet.")
        findings = list(verify(file.read_bytes(), original))
        for finding in findings:
            self.stdout.write(f"{finding.outcome}: {finding.sentence}")
        if any(finding.outcome == Outcome.FAILS for finding in findings):
            raise SystemExit(1)
