"""The words that SQLite's search index still has, those of deleted documents too.

FTS5 marks a deleted document's words and drops them only when it merges segments; no query shows them. They are read
from the leaves of its trees, where a word is stored without the beginning that it shares with the one before.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from extractions.search.index_triggers import WORDS

FIRST_SEGMENT = 1 << 37
"""Row ids of leaves: segment, one bit for an index of document lists, five bits of height, 31 bits of page."""
HEIGHT_AND_KIND = 0x3F << 31


def words_in_index() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, block FROM {WORDS}_data WHERE id >= %s", [FIRST_SEGMENT])  # noqa: S608
        while rows := cursor.fetchmany(100):
            for number, page in rows:
                if not number & HEIGHT_AND_KIND:
                    yield from _words_of_leaf(bytes(page))


def _words_of_leaf(page: bytes) -> Iterator[str]:
    """The offsets of the words follow behind the content, each as the distance from the one before."""
    at = int.from_bytes(page[2:4])
    offset, word = 0, b""
    first = True
    while at < len(page):
        distance, at = _number(page, at)
        offset += distance
        position, shared = offset, 0
        if not first:
            shared, position = _number(page, position)
        length, position = _number(page, position)
        word = word[:shared] + page[position : position + length]
        first = False
        yield word[1:].decode("utf-8", "replace")  # the first byte says which index it belongs to


def _number(page: bytes, at: int) -> tuple[int, int]:
    """An integer of SQLite's variable length, and where it ends."""
    value = 0
    for position in range(at, at + 8):
        value = value << 7 | page[position] & 0x7F
        if page[position] < 0x80:
            return value, position + 1
    return value << 8 | page[at + 8], at + 9
