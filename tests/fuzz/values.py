"""A grammar of values that nobody sends who means well."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any

INTEGERS = ("0", "-1", "1", "2", "²", "٣", "1_000", "+5", " 7 ", "0x10", "1e3", str(2**31), str(2**63),
            str(-(2**63) - 1),
            "9" * 18, "9" * 25, "9" * 5000, "-" + "9" * 5000, "00000000000000000001")  # fmt: skip
NUMBERS = ("nan", "NaN", "inf", "-inf", "Infinity", "1e309", "1e9999999", "-0", "0.1", "1,5", "1.234,56",
           "1" + "0" * 400,
           "9" * 40 + "." + "9" * 40, "0." + "0" * 400 + "1")  # fmt: skip
DATES = ("9999-12-31", "0001-01-01", "10000-01-01", "0000-00-00", "2026-02-30", "2026-02-30T25:61:61Z", "9999-12",
         "0001",
         "9999", "9999-12-31 23:59:59.999999+14:00", "0001-01-01 00:00:00-12:00", "today", "2026-W53-9")  # fmt: skip
BROKEN_TEXTS = ("\x00", "a\x00b", "\ud800", "x\udfff", "\ud83d", "\r\nSet-Cookie: a=b", "\u202e\u0000\uffff",
                "\x1b[2J", "\ufeff", "\U0010ffff", "e" + "\u0301" * 2000)  # fmt: skip
CODE = ("<script>alert(1)</script>", "' OR 1=1 --", "%s%d%n%(a)s", "{0.__class__}", "{{ 7*7 }}", "../../etc/passwd",
        "/etc/passwd", "//evil.example", "javascript:alert(1)", "http://[::1", "http://a:99999999/", "=cmd|'/c'!A0",
        "\\", "'", '"', "`", "%", "%zz", "%00", "*", "(", "[", "?", "^(a+)+$",
        "total matches (.|.){1,30}~")  # fmt: skip
PATHS = ("total", "invoice_number", "lines[0]", "lines[0].label", "lines[200000000].x", "lines[-1]",
         "lines[" + "9" * 5000 + "]",
         "lines[0" + "][0" * 300 + "]", ".".join("a" * 500), "lines[", "]", ".", "..", "[]",
         "lines[0].lines[0].lines[0]",
         "supplier.name", "__class__", "value:total", "confirm:total", "add:lines", "remove:lines[0]")  # fmt: skip
SEARCHES = ("total>1e309", "total>" + "9" * 5000, "received:9999", "received>9999-12-31", "received<0001-01-01",
            "received:9999-12", "due_date>=9999-12-31", "meta.a:" + "x" * 3000, '"' * 200, "a:" * 300, "total>nan",
            "state:", ":", "-", "a" * 3000, "schema:\x00", "tag:*", "total:0.1", "total>=-inf", "by:me")  # fmt: skip
JSON_TEXTS = ("null", "[]", "{}", '{"a": NaN}', "[" * 50_000, '{"a":' * 20_000, '{"a": 1, "a": 2}', '"\\ud800"',
              '{"a": ' + "9" * 5000 + "}", '{"a": 1e9999}', '{"show": ["x"]}', "true")  # fmt: skip

DAY = re.compile("since|until|from|^to$|date|month|day|expires|_at")
LONG = ("", " ", "x" * 70_000, "é" * 300)
CONSTANTS = (None, True, False, 0, -1, 1, 2**31, 2**63, -(2**64), 10**400, 0.1, float("nan"), float("inf"), 1e308)


class Values:
    """Draws from the grammar; the same seed draws the same."""

    def __init__(self, seed: object, ids: Sequence[str]) -> None:
        self.random = Random(repr(seed))
        self.ids = ids

    def text(self, words: Sequence[str]) -> str:
        """A value for a parameter: hostile, or one that leads somewhere."""
        known = self.ids if self.random.random() < 0.4 or not words else words
        kinds = (known, known, known, INTEGERS, NUMBERS, DATES, BROKEN_TEXTS, CODE, PATHS, SEARCHES, JSON_TEXTS, LONG)
        if self.random.random() < 0.05:
            return "".join(chr(self.random.randrange(0x110000)) for _ in range(self.random.randrange(30)))
        kind = self.random.choice(kinds)
        if kind is BROKEN_TEXTS and self.random.random() < 0.7:
            kind = known  # they are refused before any view, which would see too little else
        return self.random.choice(kind)

    def pairs(self, own: Sequence[str], others: Sequence[str], words: Sequence[str]) -> list[tuple[str, str]]:
        """Parameters, some of them more than once, mostly such as the view reads."""
        found = []
        for _ in range(self.random.choice((0, 1, 1, 2, 3, 4, 6, 8))):
            name = self.random.choice(own if own and self.random.random() < 0.75 else others)
            days = DAY.search(name) and self.random.random() < 0.6
            found.append((name, self.random.choice(DATES) if days else self.text(words)))
        return found

    def json_value(self, depth: int = 0) -> Any:
        kind = self.random.random()
        if depth < 3 and kind < 0.2:
            return [self.json_value(depth + 1) for _ in range(self.random.randrange(4))]
        if depth < 3 and kind < 0.4:
            return {
                self.text(("path", "text", "")): self.json_value(depth + 1) for _ in range(self.random.randrange(3))
            }
        if kind < 0.7:
            return self.random.choice(CONSTANTS)
        return self.text(PATHS)

    def json_body(self, names: Sequence[str], words: Sequence[str]) -> bytes:
        """An object with the names that the view reads and values of any shape, or no JSON at all."""
        if self.random.random() < 0.15:
            return self.random.choice(JSON_TEXTS).encode()
        if self.random.random() < 0.05:
            return json.dumps(self.json_value()).encode("ascii")
        body = {"do": self.random.choice(words)} if words else {}
        for name in self.random.sample(names, self.random.randrange(min(len(names), 5) + 1)):
            body[name] = self._for(name, words)
        if self.random.random() < 0.6:
            body["path"] = self.random.choice(PATHS)
        return json.dumps(body).encode("ascii")

    def _for(self, name: str, words: Sequence[str]) -> Any:
        if name == "cells" and self.random.random() < 0.7:
            cell = {"path": self.random.choice(PATHS), "text": self.text(words)}
            return [cell, self.random.choice((cell, self.json_value(), {"path": self.json_value()}))]
        if name == "boxes" and self.random.random() < 0.7:
            return [[self.random.choice((0, 1, 0.5, -1, 1e308, float("nan"), 10**400, "x")) for _ in range(4)]]
        if name in ("path", "text") and self.random.random() < 0.9:
            return self.text(PATHS)
        if name == "names" and self.random.random() < 0.8:
            return [self.text(PATHS) for _ in range(self.random.randrange(3))]
        if name in ("active", "keys") and self.random.random() < 0.8:
            return self.random.random() < 0.5
        if name in ("page", "version", "change") and self.random.random() < 0.85:
            return self.random.choice((0, 1, 1, 2**63, True))
        return self.json_value(1)

    def headers(self) -> dict[str, str]:
        """Seldom more than one, or few requests would come far."""
        count = self.random.choice((0, 0, 1, 1, 2))
        return {name: self.random.choice(HEADERS[name]) for name in self.random.sample(sorted(HEADERS), count)}

    def cookies(self) -> dict[str, str]:
        count = int(self.random.random() < 0.1)
        return {name: self.random.choice(COOKIES[name]) for name in self.random.sample(sorted(COOKIES), count)}


HEADERS: dict[str, tuple[str, ...]] = {
    "HX-Request": ("true",),
    "HX-Current-URL": ("http://testserver/\x00", "http://[", "%ED%A0%80", "x" * 3000),
    "Range": ("bytes=0-", "bytes=" + "9" * 5000 + "-", "bytes=-1", "bytes=5-2,x", "lines=²-"),
    "If-Modified-Since": ("Fri, 31 Dec 9999 23:59:59 GMT", "Sun, 99 Jan 0000 99:99:99 GMT", "x"),
    "If-None-Match": ('"', "*", 'W/"a"', '"\xff"', "x" * 3000),
    "Accept-Language": ("fr", "xx" * 200, "fr;q=" + "9" * 5000, "*", "\xff", "fr-\x00"),
    "Referer": ("http://[::1", "//", "javascript:1", "http://testserver/\xff"),
    "X-Part": ("1",),
    "Sec-Purpose": ("prefetch",),
    "X-Forwarded-For": ("x", "1.2.3.4, \xff", "9" * 5000),
    "Accept-Encoding": ("gzip", "gzip;q=" + "9" * 5000, "\xff"),
    "Authorization": ("Bearer \xff", "Bearer", "Basic =", "x" * 3000),
}
COOKIES = {
    "timezone": ("../../etc", "x" * 60, "\x00", "Europe/Paris"),
    "csrftoken": ("=", ""),
    "django_language": ("fr", "x\x00"),
}
