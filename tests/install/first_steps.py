"""What a new administrator does first, over HTTP as a browser without scripts: claim, try a sample, approve, export.

`python -m tests.install.first_steps LINK`, with the setup link that `make run` printed.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable

import requests

SAMPLE = "invoice-larkspur-instruments"
ON_IT = ("LI-26-10482", "7287.08")
"""What the file for spreadsheets has to have: the sample's number and total."""
PATIENCE = 300.0


class Person:
    def __init__(self, setup_link: str, certificate: str = "") -> None:
        self.setup_link = setup_link
        self.root = setup_link.partition("/setup/")[0]
        """Also where the portal is below a path."""
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = certificate or True

    def address(self, path: str) -> str:
        return f"{self.root}{path}" if path else self.setup_link

    def get(self, path: str, status: int = 200) -> requests.Response:
        response = self.session.get(self.address(path), timeout=60)
        assert response.status_code == status, f"{path}: {response.status_code}"
        return response

    def post(self, path: str, **fields: str) -> requests.Response:
        address = self.address(path)
        (token,) = (cookie.value for cookie in self.session.cookies if cookie.name.endswith("csrftoken"))
        fields["csrfmiddlewaretoken"] = str(token)
        response = self.session.post(address, data=fields, headers={"Referer": address}, timeout=120)
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return response

    def claim(self) -> None:
        self.get("")
        password = "quiet paper lantern"
        self.post("", name="Ada Founder", email="ada@example.com", password=password, team="Accounts")
        self.get("/extractions/new/")

    def try_sample(self) -> str:
        """Once the engine has told its schemas; the path of the document's page."""
        sample = f"/extractions/new/sample/{SAMPLE}/"
        return str(_until(lambda: self._sent(self.post(sample).url), "the sample was not sent"))

    def _sent(self, address: str) -> str:
        found = re.search(r"/extractions/[0-9a-f-]{36}/$", address)
        return found.group() if found else ""

    def approve(self, document: str) -> None:
        """Once it is read and its values are looked for, which the page says by not asking for news any more."""
        asks = re.compile(r'<section id="progress"[^>]*hx-get')
        _until(lambda: not asks.search(self.get(f"{document}progress/").text), "the sample was not read")
        review = f"/review/{document.split('/')[2]}/"
        reason = "Compared with the paper"

        def is_approved() -> bool:
            self.post(f"{review}end/", do="approve", reason=reason, back="result")
            return "Approved by Ada" in self.get(review).text

        _until(is_approved, "the sample was not approved")

    def export(self) -> str:
        return self.post("/extractions/export/?", form="csv").text


def _until(condition: Callable[[], str | bool], otherwise: str) -> str | bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(1)
    raise AssertionError(f"{otherwise} within {PATIENCE:.0f} s")


def main(setup_link: str, certificate: str = "") -> Person:
    person = Person(setup_link, certificate)
    person.claim()
    print("Account and team made", flush=True)
    document = person.try_sample()
    print("Sample sent", flush=True)
    person.approve(document)
    print("Sample read and approved", flush=True)
    exported = person.export()
    missing = [words for words in ON_IT if words not in exported]
    assert not missing, f"the export lacks {missing}: {exported[:500]}"
    print(f"Exported: {len(exported.splitlines())} lines of CSV with {' and '.join(ON_IT)}", flush=True)
    return person


if __name__ == "__main__":
    main(sys.argv[1])
