"""`manage.py up`: runs web server, worker and embedded engine under one supervisor."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.urls import get_resolver

from portal import triggers
from portal.default_api import connection_key
from portal.people.setup import setup_path
from portal.supervisor import Process, Supervisor

WORKER_STOP_TIMEOUT = 35.0
"""Seconds: the worker may wait 30 for the response that decides whether a document was charged."""


class Command(BaseCommand):
    help = "Migrate, start web, worker and the embedded engine, keep them running, print the address."
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        lock = self.lock()
        migrate()
        processes = [
            Process("web", lambda: call_command("web")),
            Process("worker", lambda: call_command("worker"), stop_timeout=WORKER_STOP_TIMEOUT),
        ]
        ports = [(settings.PORTAL_HOST, settings.PORTAL_PORT, "PORTAL_PORT")]
        if not settings.ANESYA_BASE_URL:
            processes.append(Process("engine", run_engine))
            ports.append((settings.ENGINE_HOST, settings.ENGINE_PORT, "ENGINE_PORT"))
        for host, port, name in ports:
            if not is_free(host, port):
                raise CommandError(f"Port {port} is taken by another program. Choose another one: {name}=... make run")
        path = setup_path() or "/"
        # Load all views before the fork, once for all processes.
        get_resolver().url_patterns  # noqa: B018
        connections.close_all()
        Supervisor(processes, announce=lambda: self.announce(path)).run()
        lock.close()

    def lock(self) -> Any:
        """One supervisor per data folder."""
        file = (settings.DATA_DIR / "up.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError(f"The portal is running already (data in {settings.DATA_DIR}).") from error
        return file

    def announce(self, path: str) -> bool:
        """Print the URL once the web server accepts connections; whether it was printed."""
        host = "127.0.0.1" if settings.PORTAL_HOST in {"0.0.0.0", "::"} else settings.PORTAL_HOST  # noqa: S104
        if is_free(host, settings.PORTAL_PORT):
            return False
        self.stdout.write(f"Open http://{host}:{settings.PORTAL_PORT}{path}")
        self.stdout.flush()
        return True


def migrate() -> None:
    """Also when a trigger differs from its declaration, since `migrate` repairs that."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    planned = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    different = [] if planned else triggers.report_differences()
    if planned or any(difference.repairable for difference in different):
        call_command("migrate", verbosity=0, interactive=False)


def is_free(host: str, port: int) -> bool:
    """Whether no process listens on the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) != 0


def run_engine() -> None:
    """Replace this process by the engine, which has settings of its own."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "engine.settings",
        "ENGINE_DATA_DIR": str(settings.DATA_DIR / "engine"),
        "ENGINE_HOST": settings.ENGINE_HOST,
        "ENGINE_PORT": str(settings.ENGINE_PORT),
        "ENGINE_KEY": connection_key(),
    }
    logging.shutdown()
    # Only the portal's URL is for people, so the engine's stdout is dropped; its errors go to stderr.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    os.chdir(Path(settings.BASE_DIR))
    os.execve(sys.executable, [sys.executable, "-m", "engine"], environment)  # noqa: S606
