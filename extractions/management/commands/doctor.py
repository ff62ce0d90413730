"""`manage.py doctor`: say what is wrong or unwise about this installation."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from extractions.monitoring import doctor
from extractions.monitoring.doctor import Finding, Level

MARKS = {Level.WELL: "ok    ", Level.UNWISE: "unwise", Level.WRONG: "WRONG "}


class Command(BaseCommand):
    help = "Say what is wrong or unwise about this installation. Ends with 1 if something is wrong."
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="", help="the address that people use; it is asked through the proxy")
        parser.add_argument("--json", action="store_true", help="one object for programs")
        parser.add_argument("--strict", action="store_true", help="end with 1 if something is unwise, too")
        parser.add_argument("--all", action="store_true", help="also name what is well")

    def handle(self, **options: Any) -> None:
        with translation.override("en"):
            findings = list(doctor.examine(options["url"]))
        if options["json"]:
            self.stdout.write(json.dumps({"findings": [finding.as_json() for finding in findings]}, indent=2))
        else:
            self._print(findings, everything=options["all"])
        bad = {Level.WRONG, Level.UNWISE} if options["strict"] else {Level.WRONG}
        if any(finding.level in bad for finding in findings):
            sys.exit(1)

    def _print(self, findings: list[Finding], *, everything: bool) -> None:
        for finding in sorted(findings, key=lambda finding: list(Level).index(finding.level), reverse=True):
            if everything or finding.level is not Level.WELL:
                self.stdout.write(f"{MARKS[finding.level]} {finding.subject}: {finding.sentence}")
                if finding.remedy:
                    self.stdout.write(f"       {finding.remedy}")
        counts = Counter(finding.level for finding in findings)
        self.stdout.write(", ".join(f"{counts[level]} {level}" for level in reversed(Level)))
