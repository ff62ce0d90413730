"""A text to look for, in the forms in which programs write it down."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from extractions.folding import WORD, plain

SHORTEST = 4
"""Letters and digits: what is shorter stands everywhere."""
LONGEST = 1000
ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


class TooShort(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Spelling:
    """`head` is where a match begins, `whole` all of it; both are lower case unless `as_written`."""

    name: str
    head: bytes
    whole: re.Pattern[bytes]
    as_written: bool = False

    def places(self, block: bytes) -> Iterator[int]:
        at = block.find(self.head)
        while at >= 0:
            if self.whole.match(block, at):
                yield at
            at = block.find(self.head, at + 1)


class Needle:
    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())[:LONGEST]
        self.words = WORD.findall(plain(self.text))
        if sum(map(len, self.words)) < SHORTEST:
            raise TooShort(self.text)
        self._simple = " ".join(self.words)
        self.spellings = list(self._all_spellings())

    def is_in(self, text: str) -> bool:
        """Compared as the search index compares: without case, accents and what stands between words."""
        if "\\u" in text:
            text = ESCAPE.sub(_unescaped, text)
        folded = text.lower() if text.isascii() else plain(text)
        return self.words[0] in folded and self._simple in " ".join(WORD.findall(folded))

    def in_bytes(self, block: bytes) -> Iterator[tuple[int, str]]:
        """Where it stands, and in which form."""
        lower = block.lower()
        for spelling in self.spellings:
            for at in spelling.places(block if spelling.as_written else lower):
                yield at, spelling.name

    @property
    def longest(self) -> int:
        """Bytes that a match may take: what two blocks have to share."""
        return 12 * len(self.text) + 64

    def _all_spellings(self) -> Iterator[Spelling]:
        seen: set[bytes] = set()
        forms = dict.fromkeys([self.text, self.text.lower(), self.text.upper(), *_normalised(self.text), self._simple])
        for form in forms:
            for spelling in _encoded(form):
                if spelling.whole.pattern not in seen:
                    seen.add(spelling.whole.pattern)
                    yield spelling
        for form in dict.fromkeys([self.text, self.text.lower(), self.text.upper()]):
            for piece in _base64(form.encode()):
                yield Spelling("base64", piece, re.compile(re.escape(piece)), as_written=True)


def _normalised(text: str) -> list[str]:
    return [unicodedata.normalize(form, case) for form in ("NFC", "NFD") for case in (text, text.lower(), text.upper())]


def _encoded(text: str) -> Iterator[Spelling]:
    words = text.split()
    yield _spelling("UTF-8", [word.encode() for word in words], rb"[\W_]{1,8}")
    yield _spelling("UTF-16", [word.encode("utf-16-le") for word in words], rb"(?:[\W_][\x00\x20]){1,4}")
    yield _spelling("UTF-16", [word.encode("utf-16-be") for word in words], rb"(?:[\x00\x20][\W_]){1,4}")
    if not text.isascii():
        yield _spelling("JSON", [json.dumps(word)[1:-1].encode() for word in words], rb"[\W_]{1,8}")
        yield _spelling("Latin-1", [word.encode("latin-1", "replace") for word in words], rb"[\W_]{1,8}")
    if len(words) > 1 or not text.isascii():
        yield _spelling("an address", [quote(word).encode() for word in words], rb"(?:%[0-9a-f]{2}|[\W_]){1,8}")


def _spelling(name: str, words: list[bytes], between: bytes) -> Spelling:
    lower = [word.lower() for word in words]
    return Spelling(name, lower[0], re.compile(between.join(map(re.escape, lower)), re.DOTALL))


def _base64(content: bytes) -> Iterator[bytes]:
    """The middle of it, which is the same whatever stands before and after."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + content)
        piece = encoded[(0, 2, 3)[shift] : len(encoded) - (4 if encoded.endswith(b"=") else 0)]
        if len(piece) >= 8:
            yield piece


def _unescaped(match: re.Match[str]) -> str:
    codes = bytes.fromhex(match[0].replace("\\u", ""))
    return codes.decode("utf-16-be", "replace")
