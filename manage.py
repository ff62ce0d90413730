#!/usr/bin/env python
"""Django's command line."""

import os
import sys

STARTS = {"up", "web", "worker"}
"""What is started once and runs for long: permissions of its data are mended first."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from portal.environment import database_error

    try:
        if sys.argv[1:2] and sys.argv[1] in STARTS:
            from django.conf import settings

            from portal.private_files import restrict_access_at_start

            restrict_access_at_start(settings.DATA_DIR)
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError:
        if reason := database_error():
            sys.exit(reason)
        raise


if __name__ == "__main__":
    main()
