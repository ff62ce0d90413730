"""`manage.py verify_audit`: verifies the hash chain of the audit log."""

from __future__ import annotations

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal import triggers
from portal.audit import guard, witness
from portal.audit.chain import Fault, FaultKind, Head, first_fault
from portal.audit.models import Entry

CHAINED_WITHIN = timedelta(minutes=10)


class Command(BaseCommand):
    help = "Recompute the chain of the audit log and name the first line that was changed, moved or removed."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            type=Head.parse,
            default=None,
            metavar="POSITION:HASH",
            help="the end of the log as it was printed earlier and kept elsewhere",
        )
        parser.add_argument(
            "--accept",
            action="store_true",
            help="take the present end of an unbroken log as right, after a backup was put back on purpose",
        )

    def handle(self, *, head: Head | None, accept: bool, **options: object) -> None:
        # Read the expected heads first: entries added meanwhile only make the log longer.
        noted = {"--head": head, str(witness.path()): None if accept else witness.read()}
        fault, last = first_fault()
        if fault is not None:
            raise CommandError(_message(fault))
        for place, expected in noted.items():
            if expected is not None:
                _compare(expected, place)
        _check_pending()
        different = triggers.differences(tables=[guard.TABLE])
        for difference in different:
            self.stderr.write(f"The log is not guarded: {difference}. Run manage.py migrate.")
        if accept:
            witness.write(last)
        self.stdout.write(f"{last.position} lines, unbroken. The end of the log is {last}")
        if different:
            raise SystemExit(1)


def _compare(expected: Head, place: str) -> None:
    """The entry at the expected position must have the expected hash."""
    if not expected.position:
        return
    entry = Entry.objects.filter(position=expected.position).values("id", "hash").first()
    if entry is None:
        end = Entry.objects.filter(position__isnull=False).count()
        raise CommandError(
            f"Broken at line {end + 1}: lines {end + 1} to {expected.position} are missing at the end, for the log had"
            f" {expected.position} lines already ({place}). After a backup was put back: verify_audit --accept"
        )
    if entry["hash"] != expected.hash:
        raise CommandError(
            f"Broken at or before line {expected.position} (id {entry['id']}): the log was written anew since its end"
            f" was noted ({place})."
        )


def _check_pending() -> None:
    late = Entry.objects.filter(hash="", at__lt=timezone.now() - CHAINED_WITHIN).order_by("pk").first()
    if late is not None:
        raise CommandError(f"Not chained: line id {late.pk} of {late.at:%Y-%m-%d %H:%M:%S}. Does the worker run?")


def _message(fault: Fault) -> str:
    line = fault.line or {}
    described = f"id {line.get('id')}, {line.get('at'):%Y-%m-%d %H:%M:%S} UTC, {line.get('person_name') or 'nobody'}"
    described = f"{described}, {line.get('action')} {line.get('subject_name')}".strip()
    match fault.kind:
        case FaultKind.MISSING:
            until = line["position"] - 1
            lines = f"line {fault.position} is" if until == fault.position else f"lines {fault.position} to {until} are"
            return f"Broken at line {fault.position}: {lines} missing before line {line['position']} ({described})."
        case FaultKind.DUPLICATED:
            return f"Broken at line {fault.position}: there are two of it ({described})."
        case FaultKind.CHANGED:
            return f"Broken at line {fault.position}: it is not what was written ({described})."
