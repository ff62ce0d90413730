"""The portal's settings, and one document that breaks every process that sends it (see `poisoned`)."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.poisoned.Poisoned"]
