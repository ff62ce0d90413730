"""The operations."""

from __future__ import annotations

import json
import mimetypes
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import requests

from client.errors import Refused, TimedOut
from client.objects import Document, Value
from client.transport import Transport, is_object
from client.types import Json, JsonObject

DIALECT = "/api/0.8.1"
"""How the address of a portal ends. The service itself has no path in its address."""
FIRST_POLL, LONGEST_POLL = 0.5, 10.0  # seconds
PAGE_SIZE = "200"
ORIGINAL = "original"


class Client:
    """`address` as docs/api.md has it, `token` an API token of a portal, or a key of the service.

    What fails for the moment is repeated for `patience` seconds, except where a repetition might cost twice.
    """

    def __init__(self, address: str, token: str, *, patience: float = 60.0) -> None:
        self.address = address.rstrip("/")
        self.transport = Transport(token, patience)
        self._named: dict[tuple[str, str], str] = {}

    @property
    def is_portal(self) -> bool:
        """Only a portal keeps idempotency keys and has values, approvals and corrections."""
        return self.address.endswith(DIALECT)

    def upload(
        self,
        path: str | Path,
        *,
        schema: str = "",
        classifier: str = "",
        server: str = "FR-1",
        pages: tuple[int | None, int | None] = (None, None),
        metadata: JsonObject | None = None,
        key: str = "",
    ) -> Document:
        """Send a file; `schema` and `classifier` by name or id, `pages` as the first and the last.

        The same `key` with the same file and options is the same document, also from another process and after a
        crash. The service itself knows no such keys: there `Unclear` says that the file may have been accepted.
        """
        form = {
            "server": server,
            "schema": self._id_of("/schema/", schema),
            "classifier": self._id_of("/x/classifier/", classifier),
            "metadata": json.dumps(metadata) if metadata else "",
        }
        query = {name: str(page) for name, page in zip(("pdf_page_start", "pdf_page_end"), pages, strict=True) if page}
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}

        def send() -> requests.Response:
            file = Path(path)
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            with file.open("rb") as content:
                return self.transport.send(
                    "POST",
                    f"{self.address}/extract/",
                    params=query,
                    data={name: value for name, value in form.items() if value},
                    files={"document": (file.name, content, kind)},
                    headers=headers,
                )

        answer = self.transport.repeat(send, repeatable=self.is_portal, good=_is_document)
        return Document.of(answer.json(), answer.headers.get("X-Existing-Document", ""))

    def wait(self, document: Document | str, *, timeout: float = 3600.0) -> Document:
        """The document once it is read or has failed; raises `TimedOut`, and the document goes on."""
        until, pause = time.monotonic() + timeout, FIRST_POLL
        while not (found := self.read(document)).ended:
            if time.monotonic() >= until:
                raise TimedOut(f"{found.name} is {found.state or found.status} after {timeout:g} seconds.")
            time.sleep(min(pause, max(0.0, until - time.monotonic())))
            pause = min(1.5 * pause, LONGEST_POLL)
        return found

    def read(self, document: Document | str) -> Document:
        return Document.of(self.transport.json("GET", self._extract(document)))

    def find(self, *, search: str = "", meta_key: str = "", meta_value: str = "") -> Iterator[JsonObject]:
        """Documents in the short form of the list, newest first."""
        query = {"search": search, "meta_key": meta_key, "meta_value": meta_value}
        yield from self._pages("/extract/", {name: value for name, value in query.items() if value})

    def schemas(self) -> list[JsonObject]:
        return list(self._pages("/schema/", {}))

    def download(self, document: Document | str, form: str = "json") -> bytes:
        """`csv`, `json`, `images` (a ZIP archive) or `original`; empty if there is nothing, or nothing yet."""
        if form == ORIGINAL:
            url = f"{self.address}/document/{_id(document)}/"
            return self.transport.call("GET", url, params={"type": "extract"}).content
        answer = self.transport.call("GET", self._extract(document), params={"download": form})
        return answer.content if answer.status_code == 200 else b""

    def delete(self, document: Document | str) -> None:
        self.transport.call("DELETE", self._extract(document))

    def values(self, document: Document | str) -> list[Value]:
        """Each value with page, boxes, evidence and confidence."""
        found = self.transport.json("GET", self._reviewed(document))
        return [Value.of(value) for value in found["values"]]

    def correct(self, document: Document | str, path: str, value: Json, *, version: int | None = None) -> Value:
        """With the `version` that was seen, somebody else's change raises `Conflict` instead of being overwritten."""
        return self._edit(document, {"do": "set", "path": path, "value": value, "version": version})

    def confirm(self, document: Document | str, path: str, *, version: int | None = None) -> Value:
        return self._edit(document, {"do": "confirm", "path": path, "version": version})

    def approve(self, document: Document | str, reason: str = "") -> JsonObject:
        """Values that need somebody block it without a `reason`; that is a `Conflict`."""
        return self._review(document, "approve", reason)

    def reject(self, document: Document | str, reason: str) -> JsonObject:
        return self._review(document, "reject", reason)

    def reopen(self, document: Document | str) -> JsonObject:
        return self._review(document, "reopen", "")

    def _edit(self, document: Document | str, edit: JsonObject) -> Value:
        given = {name: value for name, value in edit.items() if name == "value" or value is not None}
        url = f"{self._reviewed(document)}values/"
        return Value.of(self.transport.json("POST", url, repeatable=False, json=given))

    def _review(self, document: Document | str, action: str, reason: str) -> JsonObject:
        given = {"action": action} | ({"reason": reason} if reason else {})
        return self.transport.json("POST", f"{self._reviewed(document)}review/", repeatable=False, json=given)

    def _id_of(self, path: str, wanted: str) -> str:
        """A schema or classifier is meant by its id, or by its name as it is listed."""
        if not wanted or _is_id(wanted):
            return wanted
        if (path, wanted) not in self._named:
            listed = list(self._pages(path, {}))
            found = [str(item["id"]) for item in listed if item["name"].casefold() == wanted.casefold()]
            if len(found) != 1:
                names = ", ".join(sorted(item["name"] for item in listed)) or "none"
                problem = "Several are" if found else "Nothing is"
                raise Refused(f"{problem} named “{wanted}” in {path.strip('/')}. There are: {names}.")
            self._named[path, wanted] = found[0]
        return self._named[path, wanted]

    def _pages(self, path: str, query: dict[str, str]) -> Iterator[JsonObject]:
        page = 1
        while True:
            wanted = query | {"size": PAGE_SIZE, "page": str(page)}
            answer = self.transport.json("GET", self.address + path, params=wanted)
            yield from answer["results"]
            if not answer.get("next"):
                return
            page += 1

    def _extract(self, document: Document | str) -> str:
        return f"{self.address}/extract/{_id(document)}/"

    def _reviewed(self, document: Document | str) -> str:
        if not self.is_portal:
            raise Refused(f"Only a portal has values and reviews; its address ends with {DIALECT}.")
        return f"{self.address.removesuffix(DIALECT)}/api/v1/documents/{_id(document)}/"


def _id(document: Document | str) -> str:
    return quote(document.id if isinstance(document, Document) else document, safe="")


def _is_document(answer: requests.Response) -> bool:
    return is_object(answer) and bool(answer.json().get("id"))


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
