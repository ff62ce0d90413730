"""The command `extraction-portal`, and Django's command line for `manage.py`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from portal import paths
from portal.environment import database_error
from portal.private_files import restrict_access_at_start

STARTS = {"up", "web", "worker"}
"""What is started once and runs for long: permissions of its data are mended first."""
FOUNDING = {"up", "web", "worker", "engine", "upgrade", "restore"}
"""What may begin a new portal in the folder that it is called in."""
USAGE = """\
extraction-portal up               starts web, worker and engine, keeps them running, prints the address
extraction-portal web              serves the pages
extraction-portal worker           sends documents, and follows them
extraction-portal engine           reads documents; extraction-portal engine --help has its other commands
extraction-portal manage COMMAND   any other command; extraction-portal manage help lists them

Settings are environment variables, or lines of a file .env in the folder that it is called in."""


def main() -> None:
    """`extraction-portal`, as it is called from anywhere."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        sys.exit(USAGE if arguments else f"Say what to start.\n\n{USAGE}")
    if arguments[0] == "manage":
        arguments = arguments[1:] or ["help"]
    if arguments[0] not in FOUNDING and (reason := _no_portal_here()):
        sys.exit(reason)
    manage([sys.argv[0], *arguments])


def manage(argv: Sequence[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        if argv[1:2] and argv[1] in STARTS:
            restrict_access_at_start(settings.DATA_DIR)
        execute_from_command_line(list(argv))
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError:
        if reason := database_error():
            sys.exit(reason)
        raise


def _no_portal_here() -> str:
    """Called in a wrong folder, a command would begin an empty portal there, and speak of that one."""
    folder = paths.BASE_DIR
    if os.environ.get("DATA_DIR") or (folder / "var").is_dir() or (folder / ".env").exists():
        return ""
    return f"There is no portal in {folder}. Call this in the folder of its .env or of var, or set DATA_DIR."
