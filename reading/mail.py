"""Takes the documents out of a mail. Runs in a child process, for a mail is a stranger's file like any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

MAX_DEPTH, MAX_PARTS = 5, 100
KINDS = {
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
}
ENDINGS = (".pdf", ".png", ".jpg", ".jpeg")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that could be a document. `inline` is set for pictures that the text of the mail shows, such as logos."""

    name: str
    file: str
    """Its name in the folder that `attachments` was given."""
    size: int
    inline: bool


@dataclass(frozen=True, slots=True)
class Attachments:
    found: list[Attachment]
    others: list[str]
    """Names of attachments that are of no accepted kind."""


def attachments(path: Path, to: Path) -> Attachments:
    """Write what could be a document into the folder `to`, those of mails within the mail too."""
    with path.open("rb") as file:
        mail = BytesParser(policy=policy.default).parse(file)
    found: list[Attachment] = []
    others: list[str] = []
    for number, (name, part) in enumerate(_parts(mail, 0)):
        if number >= MAX_PARTS:
            break
        ending = _ending(part, name)
        if not ending:
            if part.get_content_disposition() == "attachment":
                others.append(name)
            continue
        content = part.get_payload(decode=True)
        content = content if isinstance(content, bytes) else b""
        (to / f"{number}{ending}").write_bytes(content)
        inline = part.get_content_disposition() != "attachment" and ending != ".pdf"
        found.append(Attachment(name or f"{number}{ending}", f"{number}{ending}", len(content), inline))
    return Attachments(found, others)


def _parts(mail: EmailMessage, depth: int) -> Iterator[tuple[str, EmailMessage]]:
    """The leaves, with their names; a mail within the mail is opened, whichever way it was attached."""
    for part in mail.iter_parts() if mail.is_multipart() else [mail]:
        if not isinstance(part, EmailMessage):
            continue
        if part is not mail and part.is_multipart():
            if depth < MAX_DEPTH:
                yield from _parts(part, depth + 1)
        elif not part.is_multipart():
            yield _name(part), part


def _name(part: EmailMessage) -> str:
    try:
        return str(part.get_filename() or "")
    except (ValueError, LookupError, AttributeError, TypeError):  # headers that not even the lenient policy can read
        return ""


def _ending(part: EmailMessage, name: str) -> str:
    """Empty for what is of no accepted kind. Many programs call every attachment application/octet-stream."""
    kind = part.get_content_type()
    if kind in KINDS:
        return KINDS[kind]
    lower = name.lower()
    return next((ending for ending in ENDINGS if lower.endswith(ending)), "")
