"""Lines of logs as programs read them, with the id of their request; and what leaves for Sentry and OpenTelemetry."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from portal.request_ids import HEADER
from tests.running import PATIENCE, ROOT

SECRET_ADDRESS = "/setup/0123456789abcdef0123456789abcdef01234567/"
BREAK = (
    "from django.test import Client; from portal.people.views import entrance\n"
    "from django.urls import resolve\n"
    "def broken(*args, **kwargs):\n    password = 'sesame'\n    raise ZeroDivisionError('on purpose')\n"
    f"resolve({SECRET_ADDRESS!r}).func\n"
    "import portal.people.urls as urls\n"
    f"match = resolve({SECRET_ADDRESS!r})\n"
    "[pattern for pattern in urls.urlpatterns if pattern.name == match.url_name][0].callback = broken\n"
    "from django.urls import clear_url_caches; clear_url_caches()\n"
    "client = Client(raise_request_exception=False, headers={'host': 'localhost', 'X-Request-ID': 'of-the-proxy'})\n"
    f"answer = client.get({SECRET_ADDRESS!r})\n"
    "print('ANSWER', answer.status_code, answer.headers['X-Request-ID'], 'of-the-proxy' in answer.content.decode())"
)


def manage(folder, *words, **more):
    """A process of its own: it is configured when it starts."""
    environment = os.environ | {"DATA_DIR": str(folder / "data"), "DATABASE_URL": "", "LOG_FORMAT": "json"} | more
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=4 * PATIENCE,
    )  # fmt: skip


def shell(folder, program, **more):
    return manage(folder, "shell", "--verbosity", "0", "--command", program, **more)


@contextmanager
def collector():
    """A server that takes whatever is sent."""
    bodies = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    with HTTPServer(("127.0.0.1", 0), Take) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, bodies
        server.shutdown()


def test_a_failure_is_found_by_the_id_that_the_page_shows(tmp_path):
    done = shell(tmp_path, BREAK)

    assert "ANSWER 500 of-the-proxy True" in done.stdout, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    (failure,) = (line for line in lines if line["logger"] == "django.request")
    assert failure["request_id"] == "of-the-proxy"
    assert failure["level"] == "ERROR"
    assert "ZeroDivisionError: on purpose" in failure["exc_info"]
    assert failure["time"].startswith("20")


def test_requests_are_logged_by_their_route(tmp_path):
    """The addresses of set-up and invitations are secrets."""
    done = shell(tmp_path, BREAK, LOG_LEVEL="INFO")

    (line,) = (json.loads(line) for line in done.stderr.splitlines() if '"portal.requests"' in line)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/setup/<str:token>/", 500)


@pytest.mark.django_db
def test_only_a_trusted_proxy_names_requests(client):
    def answered(**more):
        return client.get("/healthz", headers={HEADER: "of-somebody"}, **more).headers[HEADER]

    assert answered(REMOTE_ADDR="127.0.0.1") == "of-somebody"
    assert answered(REMOTE_ADDR="192.0.2.7") != "of-somebody"
    assert client.get("/healthz", headers={HEADER: "line\tfeed" * 3}).headers[HEADER].isalnum()


def test_sentry_learns_of_the_failure_and_no_secret(tmp_path):
    with collector() as (port, bodies):
        done = shell(
            tmp_path, f"{BREAK}\nimport sentry_sdk; sentry_sdk.flush()", SENTRY_DSN=f"http://key@127.0.0.1:{port}/1"
        )

    assert "ANSWER 500" in done.stdout, done.stderr
    sent = b"\n".join(bodies).decode()
    assert "on purpose" in sent
    assert "of-the-proxy" in sent
    assert "0123456789abcdef" not in sent
    assert "sesame" not in sent


def test_opentelemetry_learns_of_the_request_and_no_secret(tmp_path):
    flush = "\nfrom opentelemetry import trace; trace.get_tracer_provider().force_flush()"
    with collector() as (port, bodies):
        done = shell(tmp_path, f"{BREAK}{flush}", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")

    assert "ANSWER 500" in done.stdout, done.stderr
    sent = b"\n".join(bodies)
    assert b"extraction-portal" in sent
    assert b"setup/<str:token>/" in sent
    assert b"0123456789abcdef" not in sent


def test_neither_is_loaded_where_nobody_asked_for_it(tmp_path):
    # Redis's client loads the rest of OpenTelemetry by itself where that is installed.
    names = ("sentry_sdk", "opentelemetry.exporter", "opentelemetry.instrumentation")
    ask = f"import sys; print('LOADED', [name for name in {names} if name in sys.modules])"

    assert "LOADED []" in shell(tmp_path, ask).stdout


def test_secrets_are_read_from_files(tmp_path):
    for name, text in {"key": "of a file\n", "url": f"sqlite:///{tmp_path}/other.sqlite3\n"}.items():
        (tmp_path / name).write_text(text)
    ask = "from django.conf import settings as s; print('READ', [s.SECRET_KEY, s.DATABASES['default']['NAME']])"
    files = {"SECRET_KEY_FILE": str(tmp_path / "key"), "DATABASE_URL_FILE": str(tmp_path / "url")}

    assert f"READ ['of a file', '{tmp_path}/other.sqlite3']" in shell(tmp_path, ask, **files).stdout


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    done = manage(tmp_path, "check", METRICS_TOKEN_FILE="/no/such/file")

    assert done.returncode != 0
    assert "METRICS_TOKEN_FILE cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
