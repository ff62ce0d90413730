"""`python -m tests.fake_api.faulty_engine`: the engine, whose jobs meet the faults of `job_faults`."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":  # the children of the engine import this module too, under another name
    os.environ["DJANGO_SETTINGS_MODULE"] = "engine.settings"
    import django

    django.setup()

    from engine.commands import main
    from engine.processing import child_tasks
    from tests.fake_api import job_faults

    child_tasks.extract = job_faults.extract
    sys.exit(main())
