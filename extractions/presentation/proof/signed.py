"""The signatures of a proof sheet: one of its data, and one of the whole file in a last line behind the PDF.

The data's own signature still holds when a program saves the PDF anew, which the file's does not survive.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from dataclasses import dataclass
from typing import Any

import pikepdf

from extractions.models.proof import ProofKey
from extractions.presentation.proof.contents import canonical

ATTACHMENT = "proof.json"
TRAILER = re.compile(rb"\n%extraction-portal-proof-1 ed25519 ([0-9a-f]{16}) ([A-Za-z0-9+/=]{88})\n\Z")
MOST_BYTES = 50_000_000


def signed_data(payload: dict[str, Any], key: ProofKey) -> bytes:
    """The attachment."""
    signature = base64.b64encode(key.sign(canonical(payload))).decode()
    facts = {"payload": payload, "key": key.fingerprint, "public_key": key.public_key, "signature": signature}
    return json.dumps(facts, ensure_ascii=False, indent=1, default=str).encode("utf-8", "replace")


def with_trailer(pdf: bytes, key: ProofKey) -> bytes:
    """A comment behind the end of the PDF, which readers skip."""
    content = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    signature = base64.b64encode(key.sign(content))
    return content + b"\n%extraction-portal-proof-1 ed25519 " + key.fingerprint.encode() + b" " + signature + b"\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """`key` is the fingerprint that is named, empty where nothing is signed; `known` if it is one of this portal."""

    key: str = ""
    known: bool = False
    holds: bool = False


def file_signature(sheet: bytes) -> Signature:
    found = TRAILER.search(sheet)
    if found is None:
        return Signature()
    return _checked(found[1].decode(), sheet[: found.start()], found[2])


def read_data(sheet: bytes) -> tuple[dict[str, Any] | None, Signature]:
    """The attached data with their signature; None if there are none that can be read."""
    try:
        facts = json.loads(_attached(sheet))
        payload, signature = facts["payload"], str(facts["signature"]).encode()
        key = str(facts["key"])
    except (ValueError, KeyError, TypeError, RecursionError, pikepdf.PdfError):
        return None, Signature()
    if not isinstance(payload, dict):
        return None, Signature()
    return payload, _checked(key, canonical(payload), signature)


def _attached(sheet: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(sheet)) as pdf:
        return bytes(pdf.attachments[ATTACHMENT].get_file().read_bytes())


def _checked(fingerprint: str, content: bytes, signature: bytes) -> Signature:
    for key in ProofKey.objects.order_by("-pk"):
        if key.fingerprint == fingerprint:
            try:
                raw = base64.b64decode(signature, validate=True)
            except (binascii.Error, ValueError):
                return Signature(fingerprint, known=True)
            return Signature(fingerprint, known=True, holds=key.has_signed(content, raw))
    return Signature(fingerprint)
