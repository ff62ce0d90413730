"""A running portal, and a program with a token of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from tests.api.program import BASE, NOT_OFFERED
from tests.dialect import Dialect
from tests.running import PATIENCE, ROOT, RunningPortal, wait_for

ISSUE_TOKEN = """
from portal.people import api_tokens
from portal.people.models import *
team = Team.objects.create(name="Team")
person = User.objects.create_user("ada@example.com", name="Ada")
Membership.objects.create(person=person, team=team, role="administrator")
options = api_tokens.TokenOptions("t", list(api_tokens.Scope.values), None)
print("KEY", api_tokens.issue(person, team, options, by=person)[1])
"""
ENTER_CLASSIFIER = """
from extractions.models import *
Classifier.objects.create(connection=Connection.current(), remote_id={identity!r}, name="Kinds", entered_by_hand=True)
"""


class Served(Dialect):
    not_offered = NOT_OFFERED

    def __init__(self, folder: Path, **environment: str) -> None:
        folder.mkdir(parents=True)
        self.portal = RunningPortal(folder, API_REQUESTS_PER_MINUTE="1000000", **environment)
        self.key = self.execute(ISSUE_TOKEN).split("KEY ")[1].split()[0]
        self.root = self.portal.root + BASE
        self.session = requests.Session()
        self.session.headers["Authorization"] = self.key

    def send(
        self, content: bytes, name: str = "invoice.pdf", headers: dict[str, str] | None = None, **form: str
    ) -> Any:
        """Bytes as a document, over a connection of its own."""
        return requests.post(
            f"{self.root}/extract/",
            files={"document": (name, content, "application/pdf")},
            data={"server": "FR-1"} | form,
            headers={"Authorization": self.key} | (headers or {}),
            timeout=PATIENCE,
        )

    def schema(self, name: str = "Invoice") -> str:
        """The id of a schema as soon as the portal knows it."""
        return wait_for(lambda: self._named("/schema/", name))

    def enter_classifier(self, identity: str) -> None:
        """By hand, as staff does: the portal asks no service but the embedded engine for classifiers."""
        self.execute(ENTER_CLASSIFIER.format(identity=identity))

    def execute(self, script: str) -> str:
        """What Python within this portal prints."""
        command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", script]
        environment = self.portal.environment
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def _named(self, path: str, name: str) -> str | None:
        found = self.get(f"{path}?size=200").json()["results"]
        return next((item["id"] for item in found if item["name"] == name), None)

    def stop(self) -> None:
        self.portal.stop()
