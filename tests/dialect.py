"""A program that speaks the dialect over real HTTP, whoever answers: the engine, or a portal with the same address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from tests.running import PATIENCE, wait_for


class Dialect:
    """Where the API is, and a session with a key."""

    root: str
    session: requests.Session
    not_offered: frozenset[tuple[str, str]] = frozenset()
    """Operations of the contract that it lacks on purpose, by method and path."""

    def upload(self, document: Path, query: str = "", headers: dict[str, str] | None = None, **form: Any) -> Any:
        with document.open("rb") as file:
            return self.session.post(
                f"{self.root}/extract/{query}",
                files={"document": (document.name, file)},
                data={"server": "FR-1"} | form,
                headers=headers,
                allow_redirects=False,
                timeout=PATIENCE,
            )

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.root + path, timeout=PATIENCE, **options)

    def delete(self, path: str) -> requests.Response:
        return self.session.delete(self.root + path, timeout=PATIENCE)

    def ended(self, identity: str, seconds: float = 2 * PATIENCE) -> dict[str, Any]:
        """The extract as soon as it has ended."""

        def look() -> dict[str, Any] | None:
            extract: dict[str, Any] = self.get(f"/extract/{identity}/").json()
            return extract if extract["status"] in ("FINISHED", "ERROR") else None

        return wait_for(look, seconds)
