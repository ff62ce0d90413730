"""What of a proof sheet holds, in words: the file, its data, the original, the result, the log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from extractions.models import Extraction
from extractions.presentation.proof.contents import FORMAT, digest, result_of
from extractions.presentation.proof.signed import Signature, file_signature, read_data
from portal.audit.chain import first_fault
from portal.audit.models import Entry
from portal.audit.recording import Action

CHUNK = 1024 * 1024


class Outcome(StrEnum):
    HOLDS = "holds"
    FAILS = "DOES NOT HOLD"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Finding:
    outcome: Outcome
    sentence: str


def verify(sheet: bytes, original: Path | None = None) -> Iterator[Finding]:
    """All findings, the most telling first. `original` is a file to compare with the one that the sheet is about."""
    yield _file(file_signature(sheet))
    payload, signature = read_data(sheet)
    yield _data(payload, signature)
    if payload is None or not signature.holds or payload.get("format") != FORMAT:
        yield Finding(Outcome.UNKNOWN, "Document and log were not compared: the data are not of this portal.")
        return
    if original is not None:
        yield _given(payload, original)
    extraction = _document(payload)
    yield _original(payload, extraction)
    yield _result(payload, extraction)
    yield from _log(payload)


def _file(signature: Signature) -> Finding:
    if not signature.key:
        words = "The file has no signature at its end: it is no proof sheet, or was cut off or saved anew."
        return Finding(Outcome.FAILS, words)
    if not signature.known:
        return Finding(Outcome.FAILS, f"The file was signed with the key {signature.key}, none of this portal.")
    if not signature.holds:
        return Finding(Outcome.FAILS, "The file is not what this portal signed: at least one byte was changed.")
    return Finding(Outcome.HOLDS, f"The file is what this portal signed with the key {signature.key}, every byte.")


def _data(payload: dict[str, Any] | None, signature: Signature) -> Finding:
    if payload is None:
        return Finding(Outcome.FAILS, "The file has no attached data that can be read.")
    if not signature.known:
        return Finding(Outcome.FAILS, f"The data were signed with the key {signature.key}, none of this portal.")
    if not signature.holds:
        return Finding(Outcome.FAILS, "The attached data are not what this portal signed: they were changed.")
    if payload.get("format") != FORMAT:
        return Finding(Outcome.UNKNOWN, "The attached data are of another version of the portal.")
    name = payload["document"]["name"]
    approval = payload["approval"]
    person = approval["approved_by"] or "nobody"
    words = f"The attached data are what this portal signed: “{name}”, approved by {person}, {approval['approved_at']}"
    return Finding(Outcome.HOLDS, f"{words}; made {payload['made_at']}.")


def _given(payload: dict[str, Any], original: Path) -> Finding:
    if _sha256(original) == payload["document"]["sha256"]:
        return Finding(Outcome.HOLDS, f"{original} is the original of the sheet, byte by byte.")
    return Finding(Outcome.FAILS, f"{original} is not the original of the sheet.")


def _document(payload: dict[str, Any]) -> Extraction | None:
    rows = Extraction.objects.filter(key=UUID(payload["document"]["id"]), deleted_at__isnull=True)
    return rows.select_related("schema").first()


def _original(payload: dict[str, Any], extraction: Extraction | None) -> Finding:
    if extraction is None or not extraction.document:
        return Finding(Outcome.UNKNOWN, "The document is not here any more; compare its original by --original.")
    try:
        found = _sha256(Path(extraction.document.path))
    except OSError as error:
        return Finding(Outcome.UNKNOWN, f"The stored original cannot be read: {error}")
    if found == payload["document"]["sha256"]:
        return Finding(Outcome.HOLDS, f"The stored original is the one of the sheet: SHA-256 {found}.")
    return Finding(Outcome.FAILS, f"The stored original is another one: SHA-256 {found}.")


def _result(payload: dict[str, Any], extraction: Extraction | None) -> Finding:
    if digest(payload["result"]["data"]) != payload["result"]["sha256"]:
        return Finding(Outcome.FAILS, "The hash of the result is not that of the attached data.")
    if extraction is None:
        return Finding(Outcome.UNKNOWN, "The values cannot be compared: the document is not here any more.")
    if digest(result_of(extraction)) != payload["result"]["sha256"]:
        return Finding(Outcome.FAILS, "The values here are others now: they were changed after the sheet was made.")
    return Finding(Outcome.HOLDS, "The values here are those of the sheet.")


def _log(payload: dict[str, Any]) -> Iterator[Finding]:
    audit = payload["audit"]
    wanted = {line["position"]: line["hash"] for line in (*audit["entries"], audit["end"]) if line["position"]}
    there = dict(Entry.objects.filter(position__in=wanted).values_list("position", "hash"))
    different = sorted(position for position, known in wanted.items() if there.get(position) != known)
    fault, last = first_fault()
    if different:
        yield Finding(Outcome.FAILS, f"Line {different[0]} of the audit log is not the one of the sheet.")
    elif fault is not None and fault.position <= max(wanted, default=0):
        yield Finding(Outcome.FAILS, f"The audit log is broken at line {fault.position}: see manage.py verify_audit.")
    else:
        count, until = len(audit["entries"]), max(last.position, 0)
        words = f"The {count} lines about the document stand in the audit log, which is unbroken up to line {until}."
        yield Finding(Outcome.HOLDS, words)
    made = Entry.objects.filter(action=Action.PROOF_MADE, subject_id=payload["document"]["id"]).order_by("pk")
    line = next((row for row in made if (row.after or {}).get("sha256") == digest(payload)), None)
    if line is None:
        yield Finding(Outcome.FAILS, "The audit log does not know that this sheet was made.")
    else:
        person = line.person_name or "nobody"
        words = f"The audit log says that the sheet was made by {person}, {line.at:%Y-%m-%d %H:%M:%S} UTC."
        yield Finding(Outcome.HOLDS, words)


def _sha256(path: Path) -> str:
    digested = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digested.update(chunk)
    return digested.hexdigest()
