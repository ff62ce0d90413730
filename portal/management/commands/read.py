"""`manage.py read FILE`: runs the engine's read command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from django.core.management.base import BaseCommand

from portal.paths import PACKAGES_DIR


class Command(BaseCommand):
    help = "Read one document with the embedded engine and print what is in it."

    def run_from_argv(self, argv: list[str]) -> None:
        """Pass all arguments on to the engine, --help included."""
        environment = os.environ | {"PYTHONPATH": str(PACKAGES_DIR), "DJANGO_SETTINGS_MODULE": "engine.settings"}
        command = [sys.executable, "-m", "engine", "read", *argv[2:]]
        completed = subprocess.run(command, env=environment, check=False)  # noqa: S603 - no shell, and the caller's own arguments
        sys.exit(completed.returncode)
