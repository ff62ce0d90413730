"""`manage.py up`: runs web server, worker and embedded engine under one supervisor."""

from __future__ import annotations

import fcntl
import socket
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import get_resolver, get_script_prefix

from portal.embedded_engine import become_engine
from portal.people.setup import setup_path
from portal.supervisor import Process, Supervisor
from portal.upgrading import upgrade

WORKER_STOP_TIMEOUT = 35.0
"""Seconds: the worker may wait 30 for the response that decides whether a document was charged."""


class Command(BaseCommand):
    help = "Migrate, start web, worker and the embedded engine, keep them running, print the address."
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        lock = self.lock()
        upgrade(self.say)
        processes = [
            Process("web", lambda: call_command("web")),
            Process("worker", lambda: call_command("worker"), stop_timeout=WORKER_STOP_TIMEOUT),
        ]
        ports = [(settings.PORTAL_HOST, settings.PORTAL_PORT, "PORTAL_PORT")]
        if not settings.ANESYA_BASE_URL:
            processes.append(Process("engine", lambda: become_engine(quiet=True)))
            ports.append((settings.ENGINE_HOST, settings.ENGINE_PORT, "ENGINE_PORT"))
        for host, port, name in ports:
            if not is_free(host, port):
                raise CommandError(f"Port {port} is taken by another program. Choose another one with {name}.")
        path = setup_path() or get_script_prefix()
        # Load all views before the fork, once for all processes.
        get_resolver().url_patterns  # noqa: B018
        connections.close_all()
        Supervisor(processes, announce=lambda: self.announce(path)).run()
        lock.close()

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

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
        self.say(f"Open http://{host}:{settings.PORTAL_PORT}{path}")
        return True


def is_free(host: str, port: int) -> bool:
    """Whether no process listens on the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) != 0
