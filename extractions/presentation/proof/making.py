"""Makes the proof sheet of an approved document."""

from __future__ import annotations

from extractions.models import Extraction
from extractions.models.proof import ProofKey
from extractions.presentation.proof.contents import Contents, digest
from extractions.presentation.proof.signed import signed_data, with_trailer
from portal.audit.recording import Action, record
from portal.people.models import User


def proof_sheet(extraction: Extraction, person: User) -> bytes:
    """The PDF. The log keeps the hash of its data, so that a sheet that was never made here is told even if somebody
    had the key. Raises `NotApproved`.
    """
    from extractions.presentation.proof.sheet import Sheet

    contents = Contents(extraction, made_by=str(person))
    key = ProofKey.current()
    payload = contents.payload()
    pdf = Sheet(contents, key=key.fingerprint, attachment=signed_data(payload, key)).draw()
    sheet = with_trailer(pdf, key)
    record(Action.PROOF_MADE, extraction, after={"sha256": digest(payload)})
    return sheet
