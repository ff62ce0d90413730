"""What the network did, in words that people may read: they name neither the address of the API nor our libraries."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator

import urllib3

log = logging.getLogger(__name__)

TOO_LATE, CUT = "no answer in time", "connection cut"
WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "certificate not accepted"),
    (ssl.SSLError, "no secure connection"),
    (socket.gaierror, "host name not found"),
    (ConnectionRefusedError, "connection refused"),
    (TimeoutError, TOO_LATE),
    (urllib3.exceptions.TimeoutError, TOO_LATE),
    (ConnectionError, CUT),
    (urllib3.exceptions.ProtocolError, CUT),
)


def plainly(error: BaseException) -> str:
    """A short phrase for what happened; the log has the whole story."""
    log.info("The API cannot be spoken to: %s: %s", type(error).__name__, error)
    chain = list(_chain(error))
    for kind, phrase in WORDS:
        if any(isinstance(link, kind) for link in chain):
            return phrase
    return "no connection"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything that led to it, the libraries' own wrapping included."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        wrapped = [part for part in (*link.args, getattr(link, "reason", None)) if isinstance(part, BaseException)]
        waiting += [link.__cause__, link.__context__, *wrapped]
