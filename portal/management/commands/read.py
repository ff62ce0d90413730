"""`manage.py read FILE`: a doorway to the engine's own command, which runs as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Read one document with the embedded engine and print what is in it."

    def run_from_argv(self, argv: list[str]) -> None:
        """All words are the engine's, --help included."""
        environment = os.environ | {"PYTHONPATH": str(settings.BASE_DIR), "DJANGO_SETTINGS_MODULE": "engine.settings"}
        command = [sys.executable, "-m", "engine", "read", *argv[2:]]
        ended = subprocess.run(command, env=environment, check=False)  # noqa: S603 - whoever types it may read it
        sys.exit(ended.returncode)
