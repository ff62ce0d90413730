"""Identifies clients before the application has run: a known session's person, or the IP address."""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import ip_address
from typing import Any

from django.http.cookie import parse_cookie

from portal.client_network import network_of

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
    """Names clients: the person once the application has authenticated the session, otherwise the address.

    A forged session cookie does not create a new client, since only authenticated sessions are remembered.
    """

    def __init__(self, session_cookie: str, *, behind_proxy: bool) -> None:
        self._cookie = session_cookie
        self._behind_proxy = behind_proxy
        self._people: OrderedDict[str, str] = OrderedDict()

    def name(self, environ: Environ) -> str:
        session = self._session(environ)
        return self._people.get(session) or f"address {self.address(environ)}"

    def address(self, environ: Environ) -> str:
        """Behind a proxy, the last entry of X-Forwarded-For: the proxy appends it, earlier ones can be forged."""
        if self._behind_proxy:
            last = environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            try:
                return network_of(str(ip_address(last)))
            except ValueError:
                pass
        return network_of(str(environ["REMOTE_ADDR"]))

    def learn(self, environ: Environ) -> None:
        """Remember the person whom the application authenticated; called in the event loop."""
        key, session = environ.get(PERSON), self._session(environ)
        if not session or PERSON not in environ:
            return
        if key is None:
            self._people.pop(session, None)
            return
        self._people[session] = person(key)
        self._people.move_to_end(session)
        if len(self._people) > MAX_SESSIONS:
            self._people.popitem(last=False)

    def _session(self, environ: Environ) -> str:
        """As Django does: the last of several cookies with this name."""
        return parse_cookie(environ.get("HTTP_COOKIE", "")).get(self._cookie, "") if self._cookie else ""
