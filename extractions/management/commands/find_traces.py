"""`manage.py find_traces TEXT…`: look for texts wherever the portal keeps anything, and say what was looked at."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from extractions.traces.looking import PLACES, look_everywhere
from extractions.traces.needle import SHORTEST, Needle, TooShort
from extractions.traces.report import Place, Report

FOUND, INCOMPLETE = 1, 3
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Look for texts in rows, freed pages, logs, the search index, files and what is in them. Ends with 1 if"
        " something was found, with 3 if nothing was found but not everything could be read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("texts", nargs="+", metavar="TEXT", help="what to look for; - reads lines from the input")
        parser.add_argument("--also", type=Path, action="append", default=[], help="a further file or folder")
        parser.add_argument("--skip", choices=PLACES, action="append", default=[], help="a kind of place to leave out")
        parser.add_argument("--json", action="store_true", help="the whole report for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = [line.strip() for line in sys.stdin] if options["texts"] == ["-"] else options["texts"]
        try:
            needles = [Needle(text) for text in texts if text]
        except TooShort as error:
            raise CommandError(f"“{error}” is too short: {SHORTEST} letters or digits are needed.") from error
        if not needles:
            raise CommandError("Say what to look for.")
        say = (lambda _place: None) if options["json"] else self._say
        report = look_everywhere(needles, skip=options["skip"], also=options["also"], say=say)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
        else:
            self._conclude(report)
        if report.count:
            raise CommandError(f"Found {report.count} times.", returncode=FOUND)
        if report.is_blind:
            raise CommandError("Nothing was found, but not everything could be read.", returncode=INCOMPLETE)

    def _say(self, place: Place) -> None:
        self.stdout.write(f"{place.name}: {place.count or 'nothing'}. {place.looked_at}")
        for finding in place.findings[:SHOWN]:
            self.stdout.write(f"    {finding}")
        if place.count > SHOWN:
            self.stdout.write(f"    and {place.count - SHOWN} more")
        for sentence in (*place.remarks, *place.blind):
            self.stdout.write(f"    {sentence}")

    def _conclude(self, report: Report) -> None:
        self.stdout.write("Not looked at:")
        for sentence in report.unseen:
            self.stdout.write(f"    {sentence}")
        if not report.count and not report.is_blind:
            self.stdout.write("Nothing was found.")
