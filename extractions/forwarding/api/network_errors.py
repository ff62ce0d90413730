"""Network failures in words that users may see: no API address, no library names."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator

import urllib3

log = logging.getLogger(__name__)

TIMED_OUT, CONNECTION_CUT = "no answer in time", "connection cut"
PHRASES: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "certificate not accepted"),
    (ssl.SSLError, "no secure connection"),
    (socket.gaierror, "host name not found"),
    (ConnectionRefusedError, "connection refused"),
    (TimeoutError, TIMED_OUT),
    (urllib3.exceptions.TimeoutError, TIMED_OUT),
    (ConnectionError, CONNECTION_CUT),
    (urllib3.exceptions.ProtocolError, CONNECTION_CUT),
)


def describe(error: BaseException) -> str:
    """A short phrase for the failure; the full exception goes to the log."""
    log.info("API request failed: %s: %s", type(error).__name__, error)
    chain = list(causes_of(error))
    for kind, phrase in PHRASES:
        if any(isinstance(link, kind) for link in chain):
            return phrase
    return "no connection"


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """The error, its causes and contexts, and exceptions wrapped in `args` or `reason` by the HTTP libraries."""
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
