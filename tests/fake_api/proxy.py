"""Faults before a real service, such as the engine: the proxy injects them, and the service knows nothing of it."""

from __future__ import annotations

import dataclasses
import hashlib
import http.client
import json
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.fake_api.faults import HTML, HTML_HEADERS
from tests.fake_api.messages import Request, Response
from tests.fake_api.server import FaultServer

PATIENCE = 120.0  # seconds
HOP_BY_HOP = {"Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive", "Date", "Server"}


class FaultProxy(FaultServer):
    """Passes every request on to `upstream`; keeps a ledger of what that accepted."""

    def __init__(
        self, upstream: str, ledger: Path | None = None, plan: Mapping[str, Any] | None = None, *, port: int = 0
    ) -> None:
        super().__init__(ledger, plan, port=port)
        self.upstream = urlsplit(upstream)
        self._hidden_until: dict[str, float] = {}

    def handle(self, request: Request) -> Response:
        response = self._pass_on(request)
        if request.kind == "create" and response.status < 300:
            self._note_accepted(request, response)
        if request.kind == "list" and response.status < 300 and self._hidden_until:
            return self._without_hidden(response)
        return response

    @property
    def accepted(self) -> Counter[str]:
        """By `portal_key`: how many documents were accepted, whether they are still there or not."""
        return Counter(charge.portal_key for charge in self.ledger.charges())

    def _pass_on(self, request: Request) -> Response:
        """With the client's own Host, so that the addresses in the response are the proxy's."""
        left_out = {*HOP_BY_HOP, "Accept-Encoding"}  # what is read here is not to be compressed
        headers = {name: value for name, value in request.headers.items() if name.title() not in left_out}
        path = request.path + (f"?{request.query_string}" if request.query_string else "")
        assert self.upstream.hostname is not None
        connection = http.client.HTTPConnection(self.upstream.hostname, self.upstream.port, timeout=PATIENCE)
        try:
            connection.request(request.method, path, request.body or None, headers)
            response = connection.getresponse()
            kept = {name: value for name, value in response.getheaders() if name.title() not in HOP_BY_HOP}
            return Response(response.status, response.read(), kept)
        except (OSError, http.client.HTTPException):
            return Response(502, HTML, HTML_HEADERS)
        finally:
            connection.close()

    def _note_accepted(self, request: Request, response: Response) -> None:
        created = response.json()
        extracts = created if isinstance(created, list) else [created]
        for extract, document in zip(extracts, request.form.files, strict=True):
            key = str((extract.get("metadata") or {}).get("portal_key", ""))
            sha256 = hashlib.sha256(document.content).hexdigest()
            self.ledger.record(portal_key=key, sha256=sha256, size=len(document.content), id=extract["id"])
            self.journal.record("accepted", extract["id"], key)
            if request.hidden_for:
                self._hidden_until[extract["id"]] = time.time() + request.hidden_for

    def _without_hidden(self, response: Response) -> Response:
        body, now = response.json(), time.time()
        results = [item for item in body["results"] if self._hidden_until.get(item["id"], 0) <= now]
        body["count"] -= len(body["results"]) - len(results)
        return dataclasses.replace(response, body=json.dumps(body | {"results": results}).encode())
