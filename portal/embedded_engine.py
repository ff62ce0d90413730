"""Starts the embedded engine, which has settings of its own."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from django.conf import settings

from portal.default_api import connection_key
from portal.paths import BASE_DIR, PACKAGES_DIR


def engine_environment() -> dict[str, str]:
    """That of this process, with what engine and portal have to agree on."""
    return os.environ | {
        "PYTHONPATH": str(PACKAGES_DIR),
        "DJANGO_SETTINGS_MODULE": "engine.settings",
        "ENGINE_DATA_DIR": str(settings.DATA_DIR / "engine"),
        "ENGINE_HOST": settings.ENGINE_HOST,
        "ENGINE_PORT": str(settings.ENGINE_PORT),
        "ENGINE_KEY": connection_key(),
    }


def become_engine(arguments: Sequence[str] = (), *, quiet: bool = False) -> NoReturn:
    """Replace this process by the engine's. A quiet one prints errors only."""
    logging.shutdown()
    if quiet:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        os.chdir(BASE_DIR)
    os.execve(sys.executable, [sys.executable, "-m", "engine", *arguments], engine_environment())  # noqa: S606
