"""Words in documents: FTS5 on SQLite, tsvector on PostgreSQL. Both fold case and accents and see INV-2 as two words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models.expressions import RawSQL

from extractions.search.upkeep import EXTRACTION, WORDS

WORD = re.compile(r"[^\W_]+")
SNIPPET = 160  # characters
LONGEST_LOOKED_AT = 100_000
PROBED = 200


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand together. The last one may go on where the person is perhaps still typing."""

    text: str
    exact: bool = False

    @property
    def words(self) -> list[str]:
        return WORD.findall(folded(self.text))


def folded(text: str) -> str:
    """Small letters without their accents, one for one, so that places in it are places in the text."""
    return "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    decomposed = unicodedata.normalize("NFD", letter)
    base = decomposed[0] if len(decomposed) > 1 else letter
    small = base.lower()
    return small if len(small) == 1 else base


def having(phrases: Sequence[Phrase], teams: Iterable[int], most: int | None = None) -> RawSQL:
    """The numbers of the teams' documents with all of the phrases, newest first where only so many are wanted."""
    if connection.vendor == "postgresql":
        sql, parameters = _in_postgresql(phrases, teams)
    else:
        sql, parameters = _in_sqlite(phrases, teams)
    if most is not None:
        key = "id" if connection.vendor == "postgresql" else "rowid"
        sql, parameters = f"{sql} ORDER BY {key} DESC LIMIT %s", [*parameters, most]
    return RawSQL(sql, parameters)  # noqa: S611 - the words travel as parameters


def found(phrases: Sequence[Phrase], teams: Sequence[int], most: int) -> list[int]:
    """At most so many of these numbers, the newest."""
    if connection.vendor == "sqlite" and len(phrases) == 1 and not phrases[0].exact:
        # To find how a word goes on, SQLite puts together all documents of all such words. Where the word itself is
        # in enough of them, nobody needs the others.
        whole = found([Phrase(phrases[0].text, exact=True)], teams, most)
        if len(whole) >= most:
            return whole
    if connection.vendor == "postgresql" and len(walked := _walked(phrases, teams, most)) >= most:
        return walked
    query = having(phrases, teams, most)
    with connection.cursor() as cursor:
        cursor.execute(query.sql, query.params)
        return [row[0] for row in cursor.fetchall()]


def _walked(phrases: Sequence[Phrase], teams: Sequence[int], most: int) -> list[int]:
    """So many of the newest numbers, where every second one of the very newest has the words; else perhaps none.

    PostgreSQL reads every document of its index before it knows the newest of them. Of a word that is nearly everywhere
    it is cheaper to ask one document after the other.
    """
    if len(_among_newest(phrases, teams, PROBED, PROBED)) < PROBED // 2:
        return []
    return _among_newest(phrases, teams, 2 * most, most)


def _among_newest(phrases: Sequence[Phrase], teams: Sequence[int], looked_at: int, most: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_WALK, [list(teams), looked_at, looked_at, _asked(phrases), most])
        return [row[0] for row in cursor.fetchall()]


# LIMIT 1 keeps PostgreSQL from joining in another way than one by one.
_WALK = f"""
    SELECT newest.id
    FROM (
        SELECT one.id, one.received_at
        FROM unnest(%s::bigint[]) AS team(number) CROSS JOIN LATERAL (
            SELECT id, received_at FROM {EXTRACTION}
            WHERE team_id = team.number AND delete_requested_at IS NULL
            ORDER BY received_at DESC, id DESC LIMIT %s
        ) AS one
        ORDER BY one.received_at DESC, one.id DESC LIMIT %s
    ) AS newest
    CROSS JOIN LATERAL (SELECT vector FROM {WORDS} WHERE id = newest.id LIMIT 1) AS has
    WHERE has.vector @@ %s::tsquery
    LIMIT %s
"""  # noqa: S608 - the names are our own


def _in_sqlite(phrases: Sequence[Phrase], teams: Iterable[int]) -> tuple[str, list[object]]:
    of_teams = " OR ".join(f'"{int(team)}"' for team in teams) or '"-"'
    asked = " AND ".join(_quoted(phrase) for phrase in phrases)
    # What is looked for comes first: the rarer side leads.
    match = f"{{name content}} : ({asked}) AND team_id : ({of_teams})"
    return f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s", [match]  # noqa: S608 - the name is our own


def _quoted(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"' + ("" if phrase.exact else "*")


def _in_postgresql(phrases: Sequence[Phrase], teams: Iterable[int]) -> tuple[str, list[object]]:
    of_teams = " | ".join(f"'team:{int(team)}'" for team in teams) or "'team:-'"
    match = f"({_asked(phrases)}) & ({of_teams})"
    return f"SELECT id FROM {WORDS} WHERE vector @@ %s::tsquery", [match]  # noqa: S608 - the name is our own


def _asked(phrases: Sequence[Phrase]) -> str:
    return " & ".join(
        "(" + " <-> ".join([*phrase.words[:-1], phrase.words[-1] + ("" if phrase.exact else ":*")]) + ")"
        for phrase in phrases
    )


def snippet(text: str, phrases: Sequence[Phrase]) -> list[tuple[str, bool]]:
    """A stretch of the text around the first words that were looked for: pieces, and which of them were."""
    text = text[:LONGEST_LOOKED_AT]
    words = sorted({word for phrase in phrases for word in phrase.words}, key=len, reverse=True)
    if not words:
        return []
    pattern = re.compile(r"\b(?:" + "|".join(re.escape(word) for word in words) + r")\w*")
    plain = folded(text)
    first = pattern.search(plain)
    if first is None:
        return []
    begin = max(0, first.start() - SNIPPET // 3)
    if begin and (space := text.find(" ", begin, first.start())) > 0:
        begin = space + 1
    end = min(len(text), begin + SNIPPET)
    if end < len(text) and (space := text.rfind(" ", first.end(), end)) > 0:
        end = space
    pieces, at = [("…" if begin else "", False)], begin
    for hit in pattern.finditer(plain, begin, end):
        pieces += [(text[at : hit.start()], False), (text[hit.start() : hit.end()], True)]
        at = hit.end()
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [(re.sub(r"\s+", " ", piece), marked) for piece, marked in pieces if piece]
