"""Each attack, begun and ended: a context manager that yields a function telling what the attacker met."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache, partial
from urllib.parse import urlencode

from PIL import Image

from tests.attacks.scene import SECRET, Answer, Flood, Scene
from tests.attacks.sockets import Crowd, half_a_request, request
from tests.running import wait_for

Met = Callable[[], str]
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
MB = 1024 * 1024


@contextmanager
def rule_bomb(scene: Scene) -> Iterator[Met]:
    """A rule whose pattern backtracks for ever, tried again and again."""
    rule = {"text": "supplier.vat matches (.|.){1,300}~", "message": "", "do": "try"}
    body = urlencode(rule).encode()
    with Flood(
        scene, 2, partial(scene.ask, "attacker", "POST", f"/schemas/{scene.facts['schema']}/rules/", body, FORM)
    ) as flood:
        yield flood.met


@contextmanager
def picture_bomb(scene: Scene) -> Iterator[Met]:
    """A hundred pictures of 7,000 x 7,000 pixels that weigh 5 MB together, nine times at once."""

    def send() -> tuple[bytes, str]:
        return multipart({"batch": str(uuid.uuid4()), "key": str(uuid.uuid4())}, [large_picture()] * 100)

    def ask() -> Answer:
        body, kind = send()
        return scene.ask("attacker", "POST", "/extractions/new/files/", body, kind)

    with Flood(scene, 9, ask) as flood:
        yield flood.met


@contextmanager
def path_bomb(scene: Scene) -> Iterator[Met]:
    """A value at a row whose number needs gigabytes of rows before it; then the document is looked at."""
    key = scene.facts["attacker"]["bill"]
    body = json.dumps({"do": "set", "path": "lines[200000000].label", "text": "x"}).encode()
    first = scene.ask("attacker", "POST", f"/review/{key}/value/", body, JSON)
    with Flood(scene, 2, partial(scene.ask, "attacker", "GET", f"/review/{key}/")) as flood:
        yield lambda: f"{first.status}: {first.sentence}; then {flood.met()}"


@contextmanager
def pasted_cells(scene: Scene) -> Iterator[Met]:
    """Two thousand cells pasted into a table, again and again."""
    key = scene.facts["attacker"]["bill"]
    cells = [
        {"path": f"lines[{row}].{name}", "text": text}
        for row in range(1000)
        for name, text in (("label", "x"), ("amount", "7"))
    ]
    bodies = [json.dumps({"do": "cells", "cells": cells}).encode().replace(b'"x"', b'"%d"' % turn) for turn in (1, 2)]
    turns = iter(bodies * 100_000)
    with Flood(scene, 1, lambda: scene.ask("attacker", "POST", f"/review/{key}/value/", next(turns), JSON)) as flood:
        yield flood.met


@contextmanager
def slow_readers(scene: Scene) -> Iterator[Met]:
    """Eight sockets that ask for a ZIP of 40 MB and do not read."""
    facts = scene.facts["attacker"]
    asked = request(f"/extractions/{facts['large']}/download/?download=zip", scene.cookie(facts["session"]))
    with Crowd(scene.address, 8, asked, reads=False) as crowd:
        yield lambda: f"{crowd.outcome()} {refusal_in(crowd)}"


@contextmanager
def slow_writers(scene: Scene) -> Iterator[Met]:
    """Nobody in particular: heads that never end, and bodies that nobody asked for."""
    body = request("/accounts/login/", f"Content-Length: {90 * MB}", f"Content-Type: {FORM}", method="POST")
    with (
        Crowd(scene.address, 150, half_a_request(), drip=b"X-More: 1\r\n", every=3.0) as heads,
        Crowd(scene.address, 10, body, drip=bytes(64 * 1024), every=0.02) as bodies,
    ):
        yield lambda: f"heads: {heads.outcome()}; bodies: {bodies.outcome()} {refusal_in(bodies)}"


@contextmanager
def idle_connections(scene: Scene) -> Iterator[Met]:
    """Two thousand connections that asked for something once and are kept."""
    with Crowd(scene.address, 2000, request("/static/theme.js", method="HEAD")) as crowd:
        wait_for(lambda: all(line.status or line.ended for line in crowd.lines))
        yield crowd.outcome


@contextmanager
def slow_uploads(scene: Scene) -> Iterator[Met]:
    """Twenty-four uploads of 40 MB that come drop by drop."""
    head = request(
        "/extractions/new/files/",
        scene.cookie(scene.facts["attacker"]["session"]),
        f"X-CSRFToken: {SECRET}",
        "Content-Type: multipart/form-data; boundary=slow",
        f"Content-Length: {40 * MB}",
        method="POST",
    )
    with Crowd(scene.address, 24, head, drip=bytes(1024), every=0.05) as crowd:
        yield lambda: f"{crowd.outcome()} {refusal_in(crowd)}"


@contextmanager
def many_browsers(scene: Scene) -> Iterator[Met]:
    """Eighteen colleagues, each with a browser that keeps six connections open. This is no attack."""
    with ExitStack() as stack:
        crowds = [
            stack.enter_context(Crowd(scene.address, 6, request("/extractions/", scene.cookie(session))))
            for session in scene.facts["colleagues"]
        ]
        wait_for(lambda: all(line.status or line.ended for crowd in crowds for line in crowd.lines))
        yield lambda: "; ".join({crowd.outcome() for crowd in crowds})


KINDS = {
    "rule bomb": rule_bomb,
    "picture bomb": picture_bomb,
    "path bomb": path_bomb,
    "pasted cells": pasted_cells,
    "slow readers": slow_readers,
    "slow writers": slow_writers,
    "idle connections": idle_connections,
    "slow uploads": slow_uploads,
    "many browsers": many_browsers,
}


def refusal_in(crowd: Crowd) -> str:
    """What the first one that was refused can read."""
    return next((line.sentence for line in crowd.lines if line.status >= 400), "")


@lru_cache
def large_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (7000, 7000)).save(buffer, "PNG")
    return buffer.getvalue()


def multipart(fields: dict[str, str], pictures: list[bytes]) -> tuple[bytes, str]:
    """The body of a form with pictures, and its type."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="document"; filename="large.png"\r\nContent-Type: image/png'
    parts += [f"--{boundary}\r\n{head}\r\n\r\n".encode() + picture + b"\r\n" for picture in pictures]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"
