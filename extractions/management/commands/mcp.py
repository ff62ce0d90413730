"""`manage.py mcp`: lets agents look documents up, over stdin and stdout or over HTTP."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentTypeError
from types import FrameType

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.upgrading import require_current_schema

TOKEN = "PORTAL_TOKEN"  # noqa: S105 - the name of a variable
MISSING = """\
The package “mcp” is not installed. It comes with: pip install 'extraction-portal[mcp]'; in a checkout with:
pip install --constraint constraints.txt -e '.[mcp]'"""


class Command(BaseCommand):
    help = "Serve documents to agents by the Model Context Protocol, for reading only."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = f"Over stdin and stdout, {TOKEN} has the API token. Over HTTP, each request brings its own."
        parser.add_argument(
            "--http", type=_host_and_port, metavar="HOST:PORT", help="serve /mcp there instead of stdin and stdout"
        )

    def run_from_argv(self, argv: list[str]) -> None:
        require_current_schema()
        super().run_from_argv(argv)

    def handle(self, *, http: tuple[str, int] | None = None, **options: object) -> None:
        try:
            from extractions.mcp_server.http import PATH, serve_http
            from extractions.mcp_server.protocol import serve_stdio
        except ImportError as error:
            if not str(error.name).startswith("mcp"):
                raise
            raise CommandError(MISSING) from error
        if http is not None:
            host, port = http
            self.stderr.write(f"Serving http://{f'[{host}]' if ':' in host else host}:{port}{PATH} until SIGTERM.")
            signal.signal(signal.SIGTERM, _stop)
            serve_http(host, port)
            return
        token = os.environ.get(TOKEN, "").strip()
        if not token:
            raise CommandError(f"{TOKEN} is empty: it has to be an API token of the portal with the scope read.")
        serve_stdio(token)


def _stop(number: int, frame: FrameType | None) -> None:
    """What uvicorn calls once it has answered everybody."""
    raise SystemExit(0)


def _host_and_port(text: str) -> tuple[str, int]:
    host, _colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise ArgumentTypeError(f"“{text}” is not like 127.0.0.1:8002")
    return host, int(port)
