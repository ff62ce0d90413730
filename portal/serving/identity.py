"""Identifies clients before the application has run: the person of a known session or API token, or the IP address."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Collection
from typing import Any

from django.http.cookie import parse_cookie

from portal.client_network import Network, forwarded_address, network_of
from portal.serving.refusals import API_PREFIX

Environ = dict[str, Any]
PERSON = "portal.person"
"""Environ key, set by the application: the primary key of the signed-in person, or None."""
MAX_SESSIONS = 10_000


def person(pk: object) -> str:
    """The client name of a person."""
    return f"person {pk}"


def is_person(client: str) -> bool:
    return client.startswith("person ")


class Clients:
    """Names clients: the person once the application has authenticated the session or token, otherwise the address.

    A forged one does not create a new client, since only authenticated ones are remembered, tokens as a hash.
    """

    def __init__(self, session_cookie: str, *, proxies: Collection[Network] = ()) -> None:
        self._cookie = session_cookie
        self._proxies = proxies
        self._people: OrderedDict[str, str] = OrderedDict()

    def name(self, environ: Environ) -> str:
        return self._people.get(self._credential(environ)) or f"address {self.address(environ)}"

    def address(self, environ: Environ) -> str:
        """As trusted proxies tell it, otherwise that of the connection."""
        return network_of(forwarded_address(environ, self._proxies) or str(environ["REMOTE_ADDR"]))

    def learn(self, environ: Environ) -> None:
        """Remember the person whom the application authenticated; called in the event loop."""
        key, credential = environ.get(PERSON), self._credential(environ)
        if not credential or PERSON not in environ:
            return
        if key is None:
            self._people.pop(credential, None)
            return
        self._people[credential] = person(key)
        self._people.move_to_end(credential)
        if len(self._people) > MAX_SESSIONS:
            self._people.popitem(last=False)

    def _credential(self, environ: Environ) -> str:
        """The token for the API, elsewhere the session; as Django does, the last of several cookies with its name."""
        if environ.get("PATH_INFO", "").startswith(API_PREFIX):
            return f"token {hashlib.sha256(environ.get('HTTP_AUTHORIZATION', '').encode()).hexdigest()}"
        return parse_cookie(environ.get("HTTP_COOKIE", "")).get(self._cookie, "") if self._cookie else ""
