"""The stand-in's HTTP side: real sockets, a thread per connection."""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.stand_in.answering import Answering
from tests.stand_in.form import Form, read_form
from tests.stand_in.journal import Journal
from tests.stand_in.ledger import Ledger
from tests.stand_in.oddities import make_odd
from tests.stand_in.plan import Course, Plan
from tests.stand_in.service import Job, Service, detail, item

SCHEMA = {
    "id": "300f339f-da71-4f9f-80f6-c25a63baae75",
    "name": "Invoice schema",
    "description": "An invoice",
    "additional_informations": None,
    "schema": {
        "type": "object",
        "required": ["invoice_number"],
        "properties": {"invoice_number": {"type": "string"}, "total": {"type": "number"}},
    },
    "created_at": "2025-06-12T14:56:10.682461Z",
    "updated_at": "2025-06-12T14:56:10.682461Z",
}
NOT_FOUND = {"detail": "No Extract matches the given query."}
BAD_KEY = {
    "detail": "Given token not valid for any token type",
    "code": "token_not_valid",
    "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is expired"}],
}
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    stand_in: StandIn

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed client is what this server is for; anything else is a mistake in it and must be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        try:
            super().shutdown_request(request)
        except OSError:
            request.close()


class StandIn:
    """The API on a port of its own. Usable in a test's process, and as a process (`python -m tests.stand_in`)."""

    def __init__(self, ledger: Path, plan: Mapping[str, Any] | None = None, *, port: int = 0, key: str = "") -> None:
        self.ledger, self.plan, self.key = Ledger(ledger), Plan(plan), key
        self.journal = Journal()
        self.service = Service(self.ledger, self.plan)
        self.server = Server(("127.0.0.1", port), Handler)
        self.server.stand_in = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True)

    def start(self) -> StandIn:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> StandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def later(self, seconds: float, work: Any, *arguments: Any) -> None:
        timer = threading.Timer(max(seconds, 0), work, arguments)
        timer.daemon = True
        timer.start()

    def ring(self, job: Job) -> None:
        """Webhooks: sometimes twice, sometimes forged, sometimes before our own answer, sometimes never."""
        if not self.plan.webhook or self.plan.chance(self.plan.webhook_lost):
            return
        how, times = ("doubled", 2) if self.plan.chance(0.3) else ("in time", 1)
        for delay in [self.plan.between(self.plan.webhook_delay) for _ in range(times)]:
            self.later(job.seconds + delay, self._post_webhook, how, job.id, detail(job))
        if self.plan.chance(0.2):
            self.later(0, self._post_webhook, "early", job.id, detail(job))
            time.sleep(0.1)
        if self.plan.chance(0.2):
            forged = str(uuid.uuid4())
            data = detail(job) | {"id": forged, "status": "FINISHED", "extracted_data": {"total": 0}}
            self.later(self.plan.between((0, job.seconds)), self._post_webhook, "forged", forged, data)

    def _post_webhook(self, how: str, identity: str, data: dict[str, Any]) -> None:
        timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        event = {"id": identity, "event": "extract.completed", "timestamp": timestamp, "data": data}
        request = urllib.request.Request(
            self.plan.webhook, json.dumps(event).encode(), {"Content-Type": "application/json"}
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError:
            self.journal.add("webhook", f"{how}, not delivered", identity)
        else:
            self.journal.add("webhook", how, identity)


class Handler(Answering):
    server: Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, ValueError):
            # ValueError: the connection was closed under the reader by `reset`.
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    @property
    def me(self) -> StandIn:
        return self.server.stand_in

    def stopping(self) -> bool:
        return self.me.stopped.is_set()

    def redirect_target(self) -> str:
        return f"{self.me.url}/elsewhere{self.path}"

    def do_GET(self) -> None:  # noqa: N802
        self._go()

    do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_GET  # noqa: N815

    def _go(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        if url.path == "/control/":
            self._control()
            return
        if url.path.startswith("/elsewhere/"):
            self.me.journal.add("followed", f"{self.command} {url.path}")
            self.path, url = self.path.removeprefix("/elsewhere"), urlsplit(self.path.removeprefix("/elsewhere"))
        if not url.path.endswith("/"):
            self._redirect_to_slash(url.path, url.query)
            return
        if self.me.key and self.headers.get("Authorization") != self.me.key:
            self.me.journal.add("key refused", self.command)
            self.close_connection = True
            self.answer(401, BAD_KEY)
            return
        self._route(url.path, query)

    def _redirect_to_slash(self, path: str, query: str) -> None:
        self.me.journal.add("no slash", f"{self.command} {path}")
        self.close_connection = True
        self.answer(301, headers={"Location": f"{path}/" + (f"?{query}" if query else "")})

    def _route(self, path: str, query: dict[str, str]) -> None:
        match [self.command, *path.strip("/").split("/")]:
            case ["POST", "extract"]:
                self._create(query)
            case ["GET", "extract"]:
                self._list(query)
            case ["GET", "extract", identity]:
                self._read(identity)
            case ["DELETE", "extract", identity]:
                self._delete(identity)
            case ["GET", "schema"]:
                self._plainly("schemas", {"count": 1, "next": None, "previous": None, "results": [SCHEMA]})
            case ["GET", "schema", _]:
                self._plainly("schemas", SCHEMA)
            case ["GET", "images", _]:
                self._plainly("file", JPEG, "image/jpeg")
            case ["GET", "document", identity]:
                job = self.me.service.find(identity)
                self._plainly("file", job.form.document if job else NOT_FOUND, "application/pdf")
            case _:
                self.close_connection = True
                self.answer(404, NOT_FOUND)

    def _control(self) -> None:
        """Read the journal, or add to the plan."""
        length = int(self.headers.get("Content-Length") or 0)
        if length:
            self.me.plan.add(json.loads(self.rfile.read(length)))
        self.answer(200, self.me.journal.summary())

    def _create(self, query: dict[str, str]) -> None:
        word, course, number = self.me.plan.next("create")
        length = int(self.headers.get("Content-Length") or 0)
        self.me.journal.add("create", word)
        if course.manner in {"early", "cut_at"}:
            if course.manner == "cut_at":
                self.rfile.read(min(int(number or 0), length))
            self.close_connection = True
            self.answer_in_manner("cut" if course.manner == "cut_at" else "early", course.status, BAD_KEY)
            return
        form = read_form(self.rfile, self.headers.get("Content-Type", ""), length)
        self.me.journal.add("whole" if form.whole else "broken", word, form.portal_key)
        if form.cut:
            self.reset()
            return
        if course.status != 400 and (errors := form.errors()):
            self.answer(400, errors)
            return
        self._settle(course, form, (query.get("pdf_page_start"), query.get("pdf_page_end")), number)

    def _settle(self, course: Course, form: Form, pages: tuple[str | None, str | None], number: float | None) -> None:
        late = self.me.plan.late_seconds if number is None else number
        job = None
        if course.accept == "now":
            job = self._accept(form, pages, late if course.shown == "late" else 0)
        elif course.accept == "late" and course.manner != "after":
            self.me.later(late, self._accept, form, pages, 0)
        elif course.accept == "late":
            time.sleep(late)
            job = self._accept(form, pages, 0)
        body = self._object(job) if job else BAD_KEY if course.status == 401 else {"detail": "Not now."}
        self.answer_in_manner("plain" if course.manner == "after" else course.manner, course.status, body)

    def _accept(self, form: Form, pages: tuple[str | None, str | None], shown_in: float) -> Job:
        job = self.me.service.accept(form, pages, shown_in=shown_in)
        self.me.journal.add("accepted", job.id, form.portal_key)
        self.me.ring(job)
        return job

    def _object(self, job: Job) -> dict[str, Any]:
        answer = detail(job)
        return make_odd(answer, self.me.url, self.me.service.odd_random()) if job.odd else answer

    def _read(self, identity: str) -> None:
        word, course, _ = self.me.plan.next("read")
        self.me.journal.add("read", word, identity)
        job = self.me.service.find(identity)
        if course.status < 300 and job is None and course.manner != "cut":
            self.answer(404, NOT_FOUND)
            return
        self.answer_in_manner(course.manner, course.status, self._object(job) if job else NOT_FOUND)

    def _list(self, query: dict[str, str]) -> None:
        word, course, _ = self.me.plan.next("list")
        self.me.journal.add("list", word, query.get("meta_value", query.get("search", "")))
        page, size = int(query.get("page", 1)), min(int(query.get("size", 50)), 100)
        lie = course.manner if course.manner in {"lie_empty", "lie_everything", "endless"} else ""
        jobs = {"": self.me.service.search(query), "lie_empty": []}.get(lie, self.me.service.shown())
        if page > 1 and (page - 1) * size >= len(jobs) and lie != "endless":
            self.answer(404, {"detail": "Invalid page."})
            return
        chosen = jobs[(page - 1) * size : page * size] if lie != "endless" else jobs[:size]
        body = {
            "count": len(jobs),
            "next": self._page(query, page + 1) if page * size < len(jobs) or lie == "endless" else None,
            "previous": self._page(query, page - 1) if page > 1 else None,
            "results": [item(job) for job in chosen],
        }
        self.answer_in_manner("plain" if lie else course.manner, course.status, body)

    def _page(self, query: dict[str, str], number: int) -> str:
        return f"{self.me.url}/extract/?{urlencode(query | {'page': str(number)})}"

    def _delete(self, identity: str) -> None:
        word, course, _ = self.me.plan.next("delete")
        self.me.journal.add("delete", word, identity)
        job = self.me.service.find(identity)
        if course.status < 300 and job is None:
            self.answer(404, NOT_FOUND)
            return
        if job is not None and (course.status < 300 or self.me.plan.chance(0.5)):
            job.deleted = True
        self.answer_in_manner(course.manner, course.status, {})

    def _plainly(self, kind: str, body: Any, content_type: str = "application/json") -> None:
        word, course, _ = self.me.plan.next(kind)
        self.me.journal.add(kind, word)
        if course.status == 200 and course.manner == "plain":
            status = 404 if body is NOT_FOUND else 200
            self.answer(status, body, headers={"Content-Type": content_type})
            return
        self.answer_in_manner(course.manner, course.status, {} if isinstance(body, bytes) else body)
