"""`manage.py restored_access`: what a restore has suspended, to be confirmed or ended."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from extractions.backups.suspended_access import Suspended, confirm, suspended
from extractions.services.restored_access import end


class Command(BaseCommand):
    help = (
        "List the tokens, guest links, invitations and webhooks that a restored backup has suspended; "
        "--confirm and --revoke take the names listed, or `all`, which means all that are left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--revoke", nargs="+", default=[], metavar="NAME", help="end these for good")
        parser.add_argument("--confirm", nargs="+", default=[], metavar="NAME", help="let these work again")

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = suspended()
        revoked = self._named(waiting, options["revoke"])
        confirmed = self._named([item for item in waiting if item not in revoked], options["confirm"])
        for item in revoked:
            end(item)
        confirm(confirmed)
        for item in waiting:
            word = "revoked" if item in revoked else "works again" if item in confirmed else "suspended"
            self.stdout.write(f"{item.key:<20} {word:<12} {item.row.team}: {item.row}")
        if not waiting:
            self.stdout.write("Nothing is suspended.")

    def _named(self, waiting: list[Suspended], names: list[str]) -> list[Suspended]:
        if names == ["all"]:
            return waiting
        by_key = {item.key: item for item in waiting}
        if unknown := [name for name in names if name not in by_key]:
            raise CommandError(f"Nothing that is suspended goes by {', '.join(unknown)}. Nothing was changed.")
        return [by_key[name] for name in names]
