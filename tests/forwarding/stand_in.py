"""A stand-in for the extraction API, on real sockets, that misbehaves on order.

It counts what it accepted by `portal_key`, which is what would have been paid.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "the-key"


@dataclass
class Reaction:
    """How to treat one request. `accept`: whether an upload is taken (and would be paid) before the answer."""

    status: int = 201
    body: bytes | dict[str, Any] | list[Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    accept: bool = True
    cut: str = ""
    """When to reset the line: "at once", "on the way" (the beginning of the upload is here), or as the "answer"."""
    drip: float = 0.0
    """Seconds between single bytes of the answer."""
    before_answer: Callable[[], object] | None = None
    """Called when the upload was taken, and is still to be answered."""
    early: bool = False
    """Answer without reading the upload."""
    while_reading: Callable[[], object] | None = None
    """Called when the beginning of the upload is here."""


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    parts: list[tuple[str, str, bytes]] = field(default_factory=list)


class StandIn:
    def __init__(self) -> None:
        self.key = KEY
        self.accepted: Counter[str] = Counter()
        self.documents: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        """Ids that the search does not show."""
        self.search_mode = "honest"
        self.seen: list[Seen] = []
        self.broken = 0
        self.files: dict[str, tuple[str, bytes]] = {}
        self.schemas: list[dict[str, Any]] = []
        self.classifiers: list[dict[str, Any]] | None = None
        self.posts: deque[Reaction] = deque()
        self.gets: dict[str, deque[Reaction]] = {}
        self.after: dict[str, deque[dict[str, Any]]] = {}
        """By id: what each next retrieval adds to the document."""
        self._lock = threading.Lock()
        stand_in = self

        class Handler(_Handler):
            api = stand_in

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def react(self, *reactions: Reaction) -> None:
        """Treat the next uploads so; after that, they are accepted."""
        self.posts.extend(reactions)

    def react_to_get(self, start: str, *reactions: Reaction) -> None:
        """Treat the next reads of paths that start so."""
        self.gets.setdefault(start, deque()).extend(reactions)

    def uploads(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.method == "POST"]

    def take(self, parts: list[tuple[str, str, bytes]]) -> dict[str, Any]:
        """Accept an upload, and charge for it."""
        fields = {name: content.decode() for name, filename, content in parts if not filename}
        filename, _content = next((filename, content) for name, filename, content in parts if name == "document")
        metadata = json.loads(fields.get("metadata", "{}"))
        with self._lock:
            document = self.add(filename, metadata, fields.get("server", "FR-1"))
            # Counted last: who waits for the count may then do something with the document.
            self.accepted[metadata.get("portal_key", "")] += 1
            return document

    def add(self, name: str, metadata: dict[str, Any], server: str = "FR-1", **fields: Any) -> dict[str, Any]:
        remote_id = str(uuid.uuid4())
        document = {
            "id": remote_id, "document_name": name, "document_url": f"/document/{remote_id}/?type=extract",
            "content_images": [], "server": server, "content": None, "extracted_data": None, "schema": None,
            "classifier": None, "classifier_result": None, "workflow": None, "workflow_session_id": None,
            "status": "CREATED", "extraction_step": "OCR", "extraction_time": None, "credit_used": None,
            "metadata": metadata, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }  # fmt: skip
        self.documents[remote_id] = document | fields
        return self.documents[remote_id]

    def found(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        shown = [document for document in list(self.documents.values()) if document["id"] not in self.hidden]
        if self.search_mode == "blind":
            return []
        if self.search_mode == "deaf":  # takes no notice of the filter, and tells no metadata in its list
            return [{key: document[key] for key in ("id", "document_name")} for document in shown]
        if "meta_key" in query:
            key, value = query["meta_key"][0], query.get("meta_value", [""])[0]
            shown = [document for document in shown if str((document["metadata"] or {}).get(key)) == value]
        if "search" in query:
            shown = [document for document in shown if query["search"][0] in document["document_name"]]
        return shown


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Cut lines are what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    api: StandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        seen = self._note()
        for start, reactions in self.api.gets.items():
            if seen.path.startswith(start) and reactions:
                self._answer(reactions.popleft())
                return
        if not self._may():
            return
        match [part for part in seen.path.split("/") if part]:
            case ["extract"]:
                self._list(self.api.found(seen.query), seen)
            case ["extract", remote_id]:
                self._retrieve(remote_id)
            case ["schema"]:
                self._list(self.api.schemas, seen)
            case ["x", "classifier"] if self.api.classifiers is not None:
                self._list(self.api.classifiers, seen)
            case _ if seen.path in self.api.files:
                mime, content = self.api.files[seen.path]
                self._send(200, content, {"Content-Type": mime})
            case _:
                self._json(404, {"detail": "Not found."})

    def do_DELETE(self) -> None:
        seen = self._note()
        for start, reactions in self.api.gets.items():
            if start == "DELETE" and reactions:
                self._answer(reactions.popleft())
                return
        if self._may():
            gone = self.api.documents.pop(seen.path.split("/")[2], None)
            self._send(204 if gone else 404, b"", {})

    def do_POST(self) -> None:
        seen = self._note()
        reaction = self.api.posts.popleft() if self.api.posts else Reaction()
        if reaction.cut == "at once":
            self._cut()
            return
        if reaction.early:
            self._answer(reaction)
            return
        try:
            body = self._read(reaction)
        except ConnectionError:
            self.api.broken += 1
            self.close_connection = True
            return
        seen.parts = _parts(self.headers["Content-Type"], body)
        if not self._may():
            return
        if not any(name == "document" for name, _filename, _content in seen.parts):
            self._json(400, {"document": ["No file was submitted."]})
            return
        document = self.api.take(seen.parts) if reaction.accept else None
        if reaction.cut == "answer":
            self._cut()
            return
        if reaction.body is None and document is not None and reaction.status in (200, 201, 202):
            reaction.body = document
        self._answer(reaction)

    def _read(self, reaction: Reaction) -> bytes:
        """The whole upload, or ConnectionError if it ends before."""
        left, body = int(self.headers["Content-Length"]), bytearray()
        while left:
            block = self.rfile.read1(min(left, 65536))
            if not block:
                raise ConnectionError
            body += block
            left -= len(block)
            if reaction.while_reading is not None:
                reaction.while_reading()
                reaction.while_reading = None
            if reaction.cut == "on the way":
                self._cut()
                raise ConnectionError
        return bytes(body)

    def _may(self) -> bool:
        if self.headers.get("Authorization") == self.api.key:
            return True
        refusal = {"detail": "Given token not valid for any token type", "code": "token_not_valid", "messages": []}
        self._json(401, refusal)
        return False

    def _retrieve(self, remote_id: str) -> None:
        document = self.api.documents.get(remote_id)
        if document is None:
            self._json(404, {"detail": "No Extract matches the given query."})
            return
        if news := self.api.after.get(remote_id):
            document.update(news.popleft())
        self._json(200, document)

    def _list(self, items: list[dict[str, Any]], seen: Seen) -> None:
        page, size = int(seen.query.get("page", ["1"])[0]), int(seen.query.get("size", ["50"])[0])
        start = (page - 1) * size
        more = start + size < len(items)
        self._json(
            200,
            {
                "count": len(items),
                # Another host on purpose: only the query may be believed.
                "next": f"https://elsewhere.example.com{seen.path}?page={page + 1}&size={size}" if more else None,
                "previous": None,
                "results": items[start : start + size],
            },
        )

    def _note(self) -> Seen:
        parts = urlsplit(self.path)
        seen = Seen(self.command, parts.path, parse_qs(parts.query), dict(self.headers.items()))
        self.api.seen.append(seen)
        return seen

    def _answer(self, reaction: Reaction) -> None:
        if reaction.before_answer is not None:
            reaction.before_answer()
        if reaction.cut == "answer":
            self._cut()
            return
        body = reaction.body if isinstance(reaction.body, bytes) else json.dumps(reaction.body or {}).encode()
        headers = {"Content-Type": "application/json"} | reaction.headers
        self._send(reaction.status, body, headers, drip=reaction.drip)
        if reaction.early:
            self.close_connection = True

    def _json(self, status: int, value: object) -> None:
        self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str], *, drip: float = 0.0) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        step = 1 if drip else max(1, len(body))
        for start in range(0, len(body), step):
            time.sleep(drip)
            self.wfile.write(body[start : start + step])
            self.wfile.flush()

    def _cut(self) -> None:
        """Reset the connection."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.rfile.close()
        self.connection.close()


def _parts(content_type: str, body: bytes) -> list[tuple[str, str, bytes]]:
    """(name, file name, content) of each part, in order; ValueError for a body that does not end as it should."""
    boundary = b"--" + content_type.partition("boundary=")[2].encode()
    first, *parts, end = (b"\r\n" + body).split(b"\r\n" + boundary)
    if first or end != b"--\r\n":
        raise ValueError("not a complete form")
    read = []
    for part in parts:
        header, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        names = dict(re.findall(r'; (\w+)="([^"]*)"', header.decode()))
        read.append((names["name"], names.get("filename", ""), content))
    return read
