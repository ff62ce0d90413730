"""After the storm: what the ledger of the API, the portal's rows and the files say about every document."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.fake_api import Charge

DONE = {"EXTRACTED", "FAILED"}
COLUMNS = (
    "key",
    "sha256",
    "state",
    "remote_id",
    "document",
    "error_code",
    "error_detail",
    "attempts",
    "crashes",
    "search_misses",
    "other_remote_ids",
    "duplicate_search_at",
)


@dataclass
class Verdict:
    documents: int = 0
    paid_twice: list[str] = field(default_factory=list)
    """Without anybody being told."""
    paid_twice_and_told: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    attempts: int = 0

    @property
    def good(self) -> bool:
        return not (self.paid_twice or self.lost or self.unfinished)


def rows_of(database_url: str) -> list[dict[str, Any]]:
    """Every extraction, read with plain SQL: the judge does not trust the code that it judges."""
    with contextlib.closing(_connect(database_url)) as database:
        cursor = database.cursor()
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM extractions_extraction ORDER BY id")
        return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def workers_of(database_url: str) -> list[int]:
    """The numbers of the processes that gave a sign of life."""
    with contextlib.closing(_connect(database_url)) as database:
        cursor = database.cursor()
        cursor.execute("SELECT pid FROM extractions_workerprocess")
        return [int(pid) for (pid,) in cursor.fetchall()]


def attempts_of(database_url: str, key: object) -> list[tuple[Any, ...]]:
    """How the sends of one document went, for whoever has to find out why."""
    with contextlib.closing(_connect(database_url)) as database:
        cursor = database.cursor()
        cursor.execute(
            "SELECT a.number, a.lease, a.started_at, a.handed_over_at, a.ended_at, a.outcome, a.http_status,"
            " a.remote_id, a.detail FROM extractions_attempt a JOIN extractions_extraction e ON a.extraction_id = e.id"
            f" WHERE replace(CAST(e.key AS text), '-', '') = '{plain(key)}' ORDER BY a.id"
        )
        return [tuple(str(value) for value in row) for row in cursor.fetchall()]


def open_attempts(database_url: str) -> int:
    return int(_ask(database_url, "SELECT count(*) FROM extractions_attempt WHERE ended_at IS NULL")[0][0])


def double_payments_of(database_url: str) -> set[tuple[str, str]]:
    """Key and second id of everything that the portal says to have been charged twice, with its credits."""
    rows = _ask(
        database_url,
        "SELECT e.key, d.remote_id FROM extractions_doublepayment d"
        " JOIN extractions_extraction e ON d.extraction_id = e.id WHERE d.credits IS NOT NULL",
    )
    return {(plain(key), str(remote_id)) for key, remote_id in rows}


def unpriced(database_url: str) -> int:
    """Double payments of which it is not known yet what they cost."""
    return int(_ask(database_url, "SELECT count(*) FROM extractions_doublepayment WHERE credits IS NULL")[0][0])


def is_doubted(database_url: str) -> bool:
    """Whether the portal has noticed that it may be a copy."""
    return bool(_ask(database_url, "SELECT 1 FROM extractions_installation WHERE doubted_at IS NOT NULL"))


def _ask(database_url: str, question: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(_connect(database_url)) as database:
        cursor = database.cursor()
        cursor.execute(question)
        return list(cursor.fetchall())


def search_is_trusted(database_url: str) -> bool:
    with contextlib.closing(_connect(database_url)) as database:
        cursor = database.cursor()
        cursor.execute("SELECT count(*) FROM extractions_connection WHERE search_trusted_at IS NOT NULL")
        return bool(cursor.fetchone()[0])


def _connect(database_url: str) -> Any:
    if database_url.startswith("sqlite"):
        return sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=20)
    return psycopg.connect(database_url)


def judge(
    taken: dict[str, bool],
    charges: Iterable[Charge],
    rows: list[dict[str, Any]],
    files: Path,
    told: Collection[tuple[str, str]] = (),
) -> Verdict:
    """`taken` has the hash of every document that was sent to the portal, and whether the portal said "received";
    `told` is what it says to have been charged twice."""
    verdict = Verdict(documents=len(taken), attempts=sum(row["attempts"] for row in rows))
    charged: dict[str, list[Charge]] = defaultdict(list)
    for charge in charges:
        charged[charge.sha256].append(charge)
    kept = defaultdict(list)
    for row in rows:
        kept[row["sha256"]].append(row)
    for sha256, received in taken.items():
        mine = kept.get(sha256, [])
        paid = charged.get(sha256, [])
        if len(paid) > 1:
            is_told = len(mine) == 1 and _is_told(mine[0], paid, told)
            (verdict.paid_twice_and_told if is_told else verdict.paid_twice).append(f"{sha256[:8]}: {paid}, {mine}")
        if len(mine) > 1:
            verdict.paid_twice.append(f"{sha256[:8]}: {len(mine)} rows for one document")
        if not mine and received:
            verdict.lost.append(f"{sha256[:8]}: received, but there is no row")
        for row in mine:
            _judge_row(verdict, row, paid, files)
    for sha256 in charged.keys() - taken.keys():
        verdict.lost.append(f"{sha256[:8]}: charged, but nobody sent these bytes")
    return verdict


def _is_told(row: dict[str, Any], paid: list[Charge], told: Collection[tuple[str, str]]) -> bool:
    """Every acceptance is known, and each but the one that is used is told as a double payment."""
    others = {charge.id for charge in paid} - {row["remote_id"]}
    return len(others) == len(paid) - 1 and all((plain(row["key"]), other) in told for other in others)


def _judge_row(verdict: Verdict, row: dict[str, Any], charges: list[Charge], files: Path) -> None:
    name = f"{row['sha256'][:8]} {row['state']}"
    original = files / row["document"]
    if not original.is_file() or hashlib.sha256(original.read_bytes()).hexdigest() != row["sha256"]:
        verdict.lost.append(f"{name}: its file is missing or another")
    if row["state"] not in DONE:
        verdict.unfinished.append(f"{name}: {row}")
        return
    known = {(charge.id, plain(charge.portal_key)) for charge in charges}
    if (row["remote_id"], plain(row["key"])) not in known:
        verdict.lost.append(f"{name}: its id at the service, {row['remote_id']}, is not what the ledger says: {known}")


def plain(key: object) -> str:
    """SQLite keeps a UUID without its dashes."""
    return str(key).replace("-", "")
