"""Messages for refused files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Facts = Mapping[str, Any]

# File types as reading/sniffing.py names them, grouped by remedy.
OFFICE = {"Word", "Excel", "PowerPoint", "RTF", "HTML", "text"}
PICTURES = {"GIF", "TIFF", "WebP", "HEIC", "BMP", "AVIF", "SVG", "JPEG 2000", "JPEG XL"}
ARCHIVES = {"ZIP", "7-Zip", "RAR", "gzip"}
# File types that static/sniffing.js recognizes.
SEEN_BY_BROWSER = ("Word", "Excel", "PowerPoint", "ZIP", "HEIC", "GIF", "TIFF", "WebP", "program")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused file: its name, what is wrong, and what to do about it."""

    name: str
    why: str
    remedy: str
    reason: str

    @property
    def locked(self) -> bool:
        """Whether it is a password that is missing."""
        return self.reason == "password"

    def __str__(self) -> str:
        return _("%(name)s was not sent: %(why)s %(remedy)s") % {
            "name": self.name,
            "why": self.why,
            "remedy": self.remedy,
        }


def refusal(name: str, reason: str, facts: Facts | None = None) -> Refusal:
    why, remedy = _SENTENCES.get(reason, _damaged)({"name": name} | dict(facts or {}))
    return Refusal(name, why, remedy, reason)


def sentences_for_browser() -> dict[str, str]:
    """What the browser can see by itself before anything is sent (static/upload.js)."""
    limit = settings.UPLOAD_MAX_BYTES // 2**20
    found = {word: " ".join(_type({"found": word})) for word in SEEN_BY_BROWSER}
    return found | {
        "type": " ".join(_type({})),
        "empty": " ".join(_empty({})),
        "size": " ".join(_size({"limit_mb": limit})),
        "proxy": _(
            "The network refuses a file of this size. Nothing was sent and nothing was charged. "
            "Ask your administrator to raise the limit, or split the file."
        ),
        "cut": _("The connection broke at %(percent)s %. Sending resumes automatically when it is back."),
        "slow": _("No answer in time. We try again automatically; nothing is sent twice."),
        "signed_out": _("You were signed out. Sign in in another tab, then go on here."),
        "server_error": _("The portal could not take this file. Nothing was charged. Try again."),
        "unavailable": _("The portal takes no files at the moment. We try again automatically; nothing is sent twice."),
        "not_sent": _("Not sent:"),
        "cut_off": _("No connection. Sending resumes automatically when it is back."),
        "unreadable": _("your browser cannot read it any more; it may have been moved."),
        "queued": _("Waits for its turn"),
        "receiving": _("Received, being checked"),
        "sending": _("Being taken"),
        "photos": _("Photos"),
        "photo": _("Photo %(number)s"),
        "dark": _("Dark"),
        "blurred": _("Blurred?"),
    }


def _type(facts: Facts) -> tuple[str, str]:
    found = facts.get("found")
    if not found:
        return _("it is not a PDF, PNG or JPEG file."), _("Save it as one of these.")
    words = {"text": _("text"), "video": _("video"), "program": _("program"), "script": _("script")}
    why = _("%(found)s files are not accepted.") % {"found": words.get(found, found)}
    if found in OFFICE or found.startswith("OpenDocument"):
        return why, _("Save it as PDF.")
    if found in PICTURES:
        return why, _("Save it as PNG or JPEG.")
    if found in ARCHIVES:
        return why, _("Unpack it and send what is inside.")
    return why, _("Send PDF, PNG or JPEG.")


def _empty(facts: Facts) -> tuple[str, str]:
    return _("the file is empty (0 bytes)."), _("Scan or save it again.")


def _damaged(facts: Facts) -> tuple[str, str]:
    match str(facts.get("name", "")).lower().rpartition(".")[2]:
        case "pdf":
            why = _("we cannot open it as a PDF.")
        case "png":
            why = _("we cannot open it as a PNG picture.")
        case "jpg" | "jpeg":
            why = _("we cannot open it as a JPEG picture.")
        case _:
            why = _("we cannot open it.")
    return why, _("Open it in a viewer and save it again.")


def _password(facts: Facts) -> tuple[str, str]:
    if facts.get("tried"):
        return _("this password does not open it."), _("Try another one.")
    return _("it is protected by a password."), _("Give the password to unlock it.")


def _size(facts: Facts) -> tuple[str, str]:
    limit = facts.get("limit_mb", settings.UPLOAD_MAX_BYTES // 2**20)
    return _("it is larger than %(limit)s MB.") % {"limit": limit}, _("Split it, or save it smaller.")


def _pages(facts: Facts) -> tuple[str, str]:
    limit, pages = facts.get("limit", settings.UPLOAD_MAX_PAGES), facts.get("pages")
    if not pages:
        why = _("it has more than %(limit)s pages.") % {"limit": limit}
    else:
        why = _("it has %(pages)s pages; the limit is %(limit)s.") % {"pages": pages, "limit": limit}
    return why, _("Split it.")


def _pixels(facts: Facts) -> tuple[str, str]:
    return _("the picture has too many pixels."), _("Save it smaller.")


def _range(facts: Facts) -> tuple[str, str]:
    pages = int(facts.get("pages", 0))
    why = ngettext("the document has only %(pages)s page.", "the document has only %(pages)s pages.", pages)
    return why % {"pages": pages}, _("Choose pages within it.")


def _disk(facts: Facts) -> tuple[str, str]:
    return _("the portal has no room left to keep it."), _("Tell an administrator; nothing was charged.")


def _timeout(facts: Facts) -> tuple[str, str]:
    why = _("looking into it took longer than a minute.")
    return why, _("Nothing was sent and nothing was charged. Print it to a new PDF, or split it, and send that.")


def _expired(facts: Facts) -> tuple[str, str]:
    return _("it lay here unsent for too long and was removed."), _("Add it again.")


def _quota(facts: Facts) -> tuple[str, str]:
    files = int(facts.get("files", 0))
    why = ngettext(
        "%(files)s file of yours waits here unsent; %(limit)s files or %(limit_mb)s MB are allowed.",
        "%(files)s files of yours wait here unsent; %(limit)s files or %(limit_mb)s MB are allowed.",
        files,
    )
    return why % dict(facts), _("Send or remove some of them, then add it again.")


def _later(facts: Facts) -> tuple[str, str]:
    why = _("the portal is busy looking into other files.")
    return why, _("Nothing was charged. Send it again in a moment.")


def _no_pages(facts: Facts) -> tuple[str, str]:
    return _("all of its pages are left out."), _("Put back the pages that are to be sent.")


def _arranged(facts: Facts) -> tuple[str, str]:
    files = int(facts.get("files", 0))
    why = ngettext(
        "its pages are arranged, but the document that they make is not made yet.",
        "its pages are arranged as %(files)s documents, but these are not made yet.",
        files,
    )
    return why % {"files": files}, _("Open “Pages…” and make them, or start over there.")


def _parts_sent(facts: Facts) -> tuple[str, str]:
    why = _("a part of it was sent already, and its pages would be paid for twice.")
    return why, _("Add the file again to send other pages of it.")


def _locked(facts: Facts) -> tuple[str, str]:
    return _("it is protected by a password."), _("Remove the password, or send it on the upload page.")


def _link(facts: Facts) -> tuple[str, str]:
    return _("it is a link to another place."), _("Put the file itself here.")


def _option(facts: Facts) -> tuple[str, str]:
    return _("a schema or classifier that you chose for it is not offered any more."), _("Choose another one.")


def _heavy(facts: Facts) -> tuple[str, str]:
    return _("it is too much work to open."), _("Print it to a new PDF and send that.")


def _budget(facts: Facts) -> tuple[str, str]:
    words = _(
        "it would cost about %(wanted)s credits, and the team has already spent or committed %(taken)s of the "
        "%(cap)s it may spend this month."
    )
    return words % dict(facts), _("An administrator of the team can raise the cap. Nothing was charged.")


def _region(facts: Facts) -> tuple[str, str]:
    why = _("documents of this schema or team must stay in a region, and its server lies elsewhere.")
    return why, _("Choose Automatic or one of these: %(servers)s.") % {"servers": facts.get("servers") or "–"}


_SENTENCES: dict[str, Callable[[Facts], tuple[str, str]]] = {
    "type": _type,
    "empty": _empty,
    "damaged": _damaged,
    "password": _password,
    "size": _size,
    "pages": _pages,
    "pixels": _pixels,
    "range": _range,
    "disk": _disk,
    "crash": _heavy,
    "timeout": _timeout,
    "expired": _expired,
    "option": _option,
    "region": _region,
    "memory": _heavy,
    "budget": _budget,
    "quota": _quota,
    "later": _later,
    "no_pages": _no_pages,
    "arranged": _arranged,
    "parts_sent": _parts_sent,
    "locked": _locked,
    "link": _link,
}
