"""`manage.py engine`: the embedded engine in a process of its own, and the engine's other commands."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from portal.embedded_engine import become_engine


class Command(BaseCommand):
    help = "Serve as the embedded engine of this portal until SIGTERM; or one of the engine's own commands."

    def run_from_argv(self, argv: list[str]) -> None:
        """All arguments go to the engine, --help included."""
        become_engine(argv[2:])
