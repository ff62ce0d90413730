"""Reads the headers of mails, whose senders are strangers: within limits, for the standard library's parser takes
quadratic time, and recurses."""

from __future__ import annotations

import hashlib
from email import message_from_bytes, policy
from email.utils import parseaddr
from typing import Any

MAX_VALUES = 20
MAX_CHARS, MAX_CHARS_OF_RECIPIENTS = 1000, 16_000
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To")


class MailHeaders:
    def __init__(self, content: bytes) -> None:
        self._header: Any = message_from_bytes(content, policy=policy.default)

    def text(self, name: str) -> str:
        """All values of the header as text; strange ones count as missing."""
        return clean(" ".join(_readable(name, value[:MAX_CHARS]) for value in self._values(name)))

    def address(self, name: str) -> str:
        """The first address in the header."""
        try:
            return parseaddr(self.text(name))[1][:250]
        except Exception:  # whatever a crafted mail makes the parser raise
            return ""

    @property
    def sender(self) -> str:
        return self.address("From")

    @property
    def recipients(self) -> str:
        """Read as mere text: the parser of addresses would take minutes for a long list."""
        values = [value for name in RECIPIENTS for value in self._values(name)]
        return clean(" ".join(_readable("Subject", value[:MAX_CHARS_OF_RECIPIENTS]) for value in values))

    @property
    def subject(self) -> str:
        return self.text("Subject")[:250]

    @property
    def identity(self) -> str:
        names = ("Message-ID",) if self.text("Message-ID") else ("Date", "From", "To", "Subject")
        return hashlib.sha256("\n".join(self.text(name) for name in names).encode()).hexdigest()

    def _values(self, name: str) -> list[str]:
        """Unparsed."""
        found = [str(value) for key, value in self._header.raw_items() if key.lower() == name.lower()]
        return found[:MAX_VALUES]


def _readable(name: str, value: str) -> str:
    try:
        return str(policy.default.header_fetch_parse(name, value))
    except Exception:  # whatever a crafted mail makes the parser raise
        return ""


def clean(text: str) -> str:
    """Without what a database does not take."""
    kept = text.encode("utf-8", "replace").decode().replace("\0", "")
    return " ".join("".join(char if char.isprintable() else " " for char in kept).split())
