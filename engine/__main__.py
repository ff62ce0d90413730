"""`python -m engine`: serve; `python -m engine createkey NAME`: see --help."""

import os
import sys

if __name__ == "__main__":  # the children of the engine import this module too, under another name
    os.environ["DJANGO_SETTINGS_MODULE"] = "engine.settings"
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except (ImproperlyConfigured, OSError) as error:  # a missing settings file
        sys.exit(str(error))

    from engine.commands import main

    sys.exit(main())
