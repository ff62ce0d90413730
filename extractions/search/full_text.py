"""Words in documents: FTS5 on SQLite, tsvector on PostgreSQL. Both fold case and accents and see INV-2 as two words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

from django.db import connection
from django.db.models.expressions import RawSQL

from extractions.folding import fold, spellings, written_words
from extractions.search.index_triggers import EXTRACTION, WORDS

MARKS = "[\u0300-\u036f]*"
MAX_SPELLINGS = 16  # of a phrase
SNIPPET = 160  # characters
MAX_SNIPPET_SOURCE = 100_000
PROBE_SIZE = 200


@dataclass(frozen=True)
class Phrase:
    """Consecutive words. Unless `exact`, the last one is a prefix, for the person may still be typing."""

    text: str
    exact: bool = False

    @cached_property
    def words(self) -> list[list[str]]:
        """The spellings of each word."""
        return [spellings(word) for word in written_words(self.text)]


def matching_ids(phrases: Sequence[Phrase], teams: Iterable[int], limit: int | None = None) -> RawSQL:
    """Ids of the teams' documents with all of the phrases; with a limit, the newest ones."""
    if connection.vendor == "postgresql":
        sql, parameters = _in_postgresql(phrases, teams)
    else:
        sql, parameters = _in_sqlite(phrases, teams)
    if limit is not None:
        key = "id" if connection.vendor == "postgresql" else "rowid"
        sql, parameters = f"{sql} ORDER BY {key} DESC LIMIT %s", [*parameters, limit]
    return RawSQL(sql, parameters)  # noqa: S611 - the words travel as parameters


def newest_ids(phrases: Sequence[Phrase], teams: Sequence[int], limit: int) -> list[int]:
    """Ids of the newest matches, at most `limit`."""
    if connection.vendor == "sqlite" and len(phrases) == 1 and not phrases[0].exact:
        # For a prefix, SQLite merges the documents of all words that begin with it. If the exact word matches enough
        # documents, that can be skipped.
        exact_matches = newest_ids([Phrase(phrases[0].text, exact=True)], teams, limit)
        if len(exact_matches) >= limit:
            return exact_matches
    if connection.vendor == "postgresql" and len(walked := _scan_newest(phrases, teams, limit)) >= limit:
        return walked
    query = matching_ids(phrases, teams, limit)
    with connection.cursor() as cursor:
        cursor.execute(query.sql, query.params)
        return [row[0] for row in cursor.fetchall()]


def _scan_newest(phrases: Sequence[Phrase], teams: Sequence[int], limit: int) -> list[int]:
    """The newest matches by checking documents one by one, if half of the very newest match; else maybe none.

    PostgreSQL reads all matches from its GIN index before it can sort them. For a word that is nearly everywhere, it is
    cheaper to check one document after the other.
    """
    if len(_among_newest(phrases, teams, PROBE_SIZE, PROBE_SIZE)) < PROBE_SIZE // 2:
        return []
    return _among_newest(phrases, teams, 2 * limit, limit)


def _among_newest(phrases: Sequence[Phrase], teams: Sequence[int], looked_at: int, limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_SCAN_NEWEST, [list(teams), looked_at, looked_at, _tsquery(phrases), limit])
        return [row[0] for row in cursor.fetchall()]


# LIMIT 1 forces a nested loop.
_SCAN_NEWEST = f"""
    SELECT newest.id
    FROM (
        SELECT recent.id, recent.received_at
        FROM unnest(%s::bigint[]) AS team(number) CROSS JOIN LATERAL (
            SELECT id, received_at FROM {EXTRACTION}
            WHERE team_id = team.number AND delete_requested_at IS NULL
            ORDER BY received_at DESC, id DESC LIMIT %s
        ) AS recent
        ORDER BY recent.received_at DESC, recent.id DESC LIMIT %s
    ) AS newest
    CROSS JOIN LATERAL (SELECT vector FROM {WORDS} WHERE id = newest.id LIMIT 1) AS has
    WHERE has.vector @@ %s::tsquery
    LIMIT %s
"""  # noqa: S608 - the names are our own


def _in_sqlite(phrases: Sequence[Phrase], teams: Iterable[int]) -> tuple[str, list[object]]:
    of_teams = " OR ".join(f'"{int(team)}"' for team in teams) or '"-"'
    query = " AND ".join(_quoted(phrase) for phrase in phrases)
    # The phrases come first: FTS5 lets the first, rarer side drive.
    match = f"{{name content}} : ({query}) AND team_id : ({of_teams})"
    return f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s", [match]  # noqa: S608 - the name is our own


def _quoted(phrase: Phrase) -> str:
    end = "" if phrase.exact else "*"
    spelled = islice(product(*phrase.words), MAX_SPELLINGS)
    return "(" + " OR ".join(f'"{" ".join(words)}"{end}' for words in spelled) + ")"


def _in_postgresql(phrases: Sequence[Phrase], teams: Iterable[int]) -> tuple[str, list[object]]:
    of_teams = " | ".join(f"'team:{int(team)}'" for team in teams) or "'team:-'"
    match = f"({_tsquery(phrases)}) & ({of_teams})"
    return f"SELECT id FROM {WORDS} WHERE vector @@ %s::tsquery", [match]  # noqa: S608 - the name is our own


def _tsquery(phrases: Sequence[Phrase]) -> str:
    return " & ".join("(" + " <-> ".join(_alternatives(phrase)) + ")" for phrase in phrases)


def _alternatives(phrase: Phrase) -> list[str]:
    ends = [""] * (len(phrase.words) - 1) + ["" if phrase.exact else ":*"]
    return [
        "(" + " | ".join(f"{form}{end}" for form in forms) + ")" for forms, end in zip(phrase.words, ends, strict=True)
    ]


def snippet(text: str, phrases: Sequence[Phrase]) -> list[tuple[str, bool]]:
    """An excerpt around the first match: pieces of text, and whether each is a match."""
    text = text[:MAX_SNIPPET_SOURCE]
    words = sorted({form for phrase in phrases for forms in phrase.words for form in forms}, key=len, reverse=True)
    if not words:
        return []
    spelled = "|".join(MARKS.join(re.escape(letter) for letter in word) for word in words)
    pattern = re.compile(rf"\b(?:{spelled})(?:\w|{MARKS[:-1]})*")
    plain = fold(text)
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
