"""What the tests of the server serve: `python -m tests.serving.application PORT NAME=VALUE …` with other limits."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from pathlib import Path

from django.conf import settings
from django.utils.functional import lazystr

settings.configure(USE_I18N=False, DATA_UPLOAD_MAX_MEMORY_SIZE=None)

from http import HTTPStatus  # noqa: E402

from portal.client_network import LOOPBACK  # noqa: E402
from portal.serving import serve  # noqa: E402
from portal.serving.bodies import Verdict  # noqa: E402
from portal.serving.identity import PERSON  # noqa: E402
from portal.serving.limits import Limits  # noqa: E402
from portal.serving.refusals import Refusal  # noqa: E402

GATE = threading.Event()
WAITING = []  # an entry for each request that has come to /wait
FOLDER = Path(sys.argv[2])
MB = 1024 * 1024


def application(environ, start_response):
    environ[PERSON] = environ.get("HTTP_COOKIE", "").partition("session=")[2] or None
    views = {
        "/echo": echo,
        "/seen": seen,
        "/stream": stream,
        "/file": file,
        "/wait": wait,
        "/open": open_gate,
        "/healthz": health,
        "/save": save,
        "/large": large,
        "/endless": endless,
        "/bad": bad,
    }
    view = views.get(environ["PATH_INFO"])
    if view is None:
        return answer(start_response, b"hello\n")
    return view(environ, start_response)


def answer(start_response, body, status="200 OK", kind="text/plain"):
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


def echo(environ, start_response):
    digest, size = hashlib.sha256(), 0
    while block := environ["wsgi.input"].read(65536):
        digest.update(block)
        size += len(block)
    told = {"size": size, "sha256": digest.hexdigest(), "length": environ.get("CONTENT_LENGTH")}
    return answer(start_response, json.dumps(told).encode(), kind="application/json")


def seen(environ, start_response):
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    return answer(start_response, json.dumps(told).encode(), kind="application/json")


def stream(environ, start_response):
    """As many MB as the query says. A file in the folder tells when the thread has done its part."""
    megabytes, _, name = environ["QUERY_STRING"].partition("&")
    start_response("200 OK", [("Content-Type", "application/octet-stream")])

    def blocks():
        try:
            for _ in range(int(megabytes)):
                yield bytes(MB)
        finally:
            (FOLDER / (name or "streamed")).touch()

    return blocks()


def file(environ, start_response):
    path = FOLDER / "file"
    start_response("200 OK", [("Content-Length", str(path.stat().st_size))])
    return environ["wsgi.file_wrapper"](path.open("rb"))


def wait(environ, start_response):
    """Holds its thread until somebody asks for /open."""
    WAITING.append(1)
    GATE.wait(60)
    return answer(start_response, b"waited\n")


def save(environ, start_response):
    (FOLDER / f"saved-{environ['QUERY_STRING']}").touch()
    return answer(start_response, b"saved\n")


def large(environ, start_response):
    return answer(start_response, bytes(6 * MB))


def endless(environ, start_response):
    """A little now and then, until nobody wants more."""
    start_response("200 OK", [("Content-Type", "application/octet-stream")])

    def blocks():
        try:
            while True:
                yield bytes(1024)
                time.sleep(0.01)
        finally:
            (FOLDER / "ended").touch()

    return blocks()


def bad(environ, start_response):
    start_response("200 OK", [("X-Bad", "\x01"), ("Content-Length", "0")])
    return [b""]


def health(environ, start_response):
    if environ["QUERY_STRING"] == "open":
        GATE.set()
    return answer(start_response, str(len(WAITING)).encode())


def open_gate(environ, start_response):
    GATE.set()
    return answer(start_response, b"opened\n")


def admit(environ):
    if "session=" not in environ.get("HTTP_COOKIE", ""):
        raise Refusal(HTTPStatus.UNAUTHORIZED, lazystr("Sign in first."))
    return Verdict(10 * MB, f"person {environ['HTTP_COOKIE'].partition('session=')[2]}")


if __name__ == "__main__":
    given = dict(word.split("=") for word in sys.argv[3:])
    threads, behind_proxy = int(given.pop("threads", 4)), given.pop("behind_proxy", "") == "1"
    limits = Limits(**{name: type(getattr(Limits(), name))(value) for name, value in given.items()})
    serve(
        application,
        "127.0.0.1",
        int(sys.argv[1]),
        threads=threads,
        limits=limits,
        admit=admit,
        session_cookie="session",
        proxies=LOOPBACK if behind_proxy else (),
        urgent=frozenset({"/healthz"}),
        folder=FOLDER,
    )
