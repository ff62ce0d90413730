"""Receipts of erasures in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from extractions.exports.making import FORMATS
from extractions.models import ErasureReceipt
from extractions.models.receipt import Facts
from extractions.presentation.document.badges import Badge
from portal.people.models import User

ROWS: Facts = {
    "values": ngettext_lazy("%(count)d value", "%(count)d values", "count"),
    "changes": ngettext_lazy("%(count)d line of the history", "%(count)d lines of the history", "count"),
    "comments": ngettext_lazy("%(count)d comment", "%(count)d comments", "count"),
    "pages": ngettext_lazy("%(count)d page", "%(count)d pages", "count"),
    "page_words": ngettext_lazy("the words of %(count)d page", "the words of %(count)d pages", "count"),
    "content_images": ngettext_lazy("%(count)d picture", "%(count)d pictures", "count"),
    "taggings": ngettext_lazy("%(count)d tag", "%(count)d tags", "count"),
    "notices": ngettext_lazy("%(count)d notice", "%(count)d notices", "count"),
}
OTHER_ROWS = ngettext_lazy("%(count)d other row", "%(count)d other rows", "count")
FILES: Facts = {
    "original": ngettext_lazy("%(count)d original", "%(count)d originals", "count"),
    "pages": ngettext_lazy("%(count)d file of pages", "%(count)d files of pages", "count"),
    "pictures": ngettext_lazy("%(count)d file of pictures", "%(count)d files of pictures", "count"),
    "exports": ngettext_lazy("%(count)d prepared export", "%(count)d prepared exports", "count"),
}
ANSWERS: dict[int, str | Promise] = {
    200: gettext_lazy("deleted"),
    202: gettext_lazy("will be deleted"),
    204: gettext_lazy("deleted"),
    404: gettext_lazy("was not there any more"),
    501: gettext_lazy("cannot be deleted there, and stays"),
}


@dataclass(frozen=True, slots=True)
class Copy:
    """Somebody took something of the document along."""

    what: str
    person: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    sentences: list[str]
    copies: tuple[Copy, ...] = ()


def found(receipts: QuerySet[ErasureReceipt], text: str) -> QuerySet[ErasureReceipt]:
    """By the key of the document or the receipt, or by the SHA-256 of the file or the receipt."""
    if not text:
        return receipts
    plain = text.strip().lower().replace("-", "")
    if len(plain) == 64:
        return receipts.filter(Q(file_sha256=plain) | Q(sha256=plain))
    if len(plain) == 32 and all(letter in "0123456789abcdef" for letter in plain):
        return receipts.filter(Q(key=plain) | Q(extraction__key=plain))
    return receipts.none()


def badge_of(receipt: ErasureReceipt) -> Badge:
    if receipt.finished_at is None:
        return Badge("need", "clock", _("Files or traces are still being removed"))
    if receipt.is_genuine:
        return Badge("ok", "check", _("Nothing left"))
    return Badge("failed", "triangle-alert", _("Changed since: its hash is different"))


def people_in(receipt: ErasureReceipt) -> dict[int, str]:
    facts = receipt.facts
    keys = {facts.get("asked_by"), *(line.get("person") for name in ("exports", "opened") for line in facts[name])}
    return {person.pk: str(person) for person in User.objects.filter(pk__in=keys - {None})}


def document_for_programs(receipt: ErasureReceipt) -> Facts:
    """The hash covers `facts` only: names may change."""
    return {
        "facts": receipt.facts,
        "sha256": receipt.sha256,
        "audit_line": receipt.entry_number,
        "people": {str(key): name for key, name in people_in(receipt).items()},
    }


def sections_of(receipt: ErasureReceipt) -> list[Section]:
    facts, people = receipt.facts, people_in(receipt)
    return [
        Section(_("Here"), list(_here(receipt))),
        Section(_("At the service"), list(_service(facts["service"]))),
        Section(_("Copies that left the portal"), list(_copies_in_words(facts)), tuple(_copies(facts, people))),
        Section(_("Backups"), list(_backups(facts.get("backups")))),
        Section(_("What stays"), list(_stays(receipt))),
    ]


def asked_by(receipt: ErasureReceipt) -> str:
    return str(receipt.asked_by) if receipt.asked_by else ""


def _here(receipt: ErasureReceipt) -> Iterator[str]:
    facts = receipt.facts
    # In our order: a database may keep the keys of JSON in another one.
    rows = [str(words % {"count": facts["rows"][name]}) for name, words in ROWS.items() if facts["rows"].get(name)]
    if others := sum(count for name, count in facts["rows"].items() if name not in ROWS):
        rows.append(str(OTHER_ROWS % {"count": others}))
    rows = [_("the text and the service’s answer"), *rows]
    yield _("Erased from the database: %(rows)s.") % {"rows": ", ".join(rows)}
    if files := [str(FILES[kind] % {"count": count}) for kind, count in facts["files"].items() if count]:
        yield _("Deleted from the folder of files: %(files)s.") % {"files": ", ".join(files)}
    if receipt.finished_at is None:
        yield _("Search index and freed pages of the database are cleared within minutes.")
        yield _("Files are deleted as soon as their folder can be reached.")
    else:
        yield _("No file is left, and search index and freed pages of the database are cleared.")


def _service(facts: Facts) -> Iterator[str]:
    host = _("the embedded engine") if facts["embedded"] else urlsplit(facts["address"]).netloc or facts["address"]
    for request in facts["asked"]:
        answer = ANSWERS.get(request["answer"], request["answer"])
        sentence = _("%(host)s was asked to delete %(id)s and answered %(code)s: %(answer)s.")
        words = {"host": host, "id": request["id"], "code": request["answer"], "answer": answer}
        yield _sentence(sentence % words)
    for remote_id in facts["not_asked"]:
        sentence = _("%(host)s could not be asked to delete %(id)s: there was no key for it. Delete it there.")
        yield _sentence(sentence % {"host": host, "id": remote_id})
    if not facts["asked"] and not facts["not_asked"]:
        yield _("It was never there.")


def _sentence(text: str) -> str:
    """A sentence may begin with the embedded engine; the name of a host stays as it is."""
    return capfirst(text) if text.startswith(_("the embedded engine")) else text


def _copies_in_words(facts: Facts) -> Iterator[str]:
    if not facts["exports"] and not facts["opened"] and not facts["guests"]:
        yield _("Nobody exported it or opened the original, and no guest saw it.")
    else:
        yield _("These copies are beyond the portal’s reach. Ask those who have them.")
    if delivered := facts["webhooks"]["delivered"]:
        yield ngettext(
            "Webhooks delivered %(count)d message about it.",
            "Webhooks delivered %(count)d messages about it.",
            delivered,
        ) % {"count": delivered}


def _copies(facts: Facts, people: dict[int, str]) -> Iterator[Copy]:
    for line in facts["exports"]:
        form = str(line.get("form", ""))
        words = str(FORMATS[form][0]) if form in FORMATS else form.upper()
        yield Copy(_("Export: %(format)s") % {"format": words}, _person(line, people), _moment(line["at"]))
    for line in facts["opened"]:
        yield Copy(_("Opened the original"), _person(line, people), _moment(line["at"]))
    for line in facts["guests"]:
        yield Copy(_("Seen by a guest link"), _("a guest"), _moment(line["at"]))


def _backups(facts: Facts | None) -> Iterator[str]:
    if facts is None:
        yield _("Backups that were taken before still hold it.")
        return
    count, newest = facts["taken_before"], _moment(facts["newest"])
    if not count or newest is None:
        yield _("The portal knows of no earlier backup. It does not know about backups made by other means.")
        return
    yield ngettext(
        "%(count)d backup was taken before and holds it until it is deleted.",
        "%(count)d backups were taken before; those that still exist hold it until they are deleted.",
        count,
    ) % {"count": count}
    if facts["scheduled"]:
        last = newest + timedelta(hours=facts["kept"] * facts["every_hours"])
        yield _("The schedule keeps the newest %(kept)d; the last with this document is deleted about %(day)s.") % {
            "kept": facts["kept"], "day": f"{last:%Y-%m-%d}",
        }  # fmt: skip


def _stays(receipt: ErasureReceipt) -> Iterator[str]:
    if receipt.scope == ErasureReceipt.Scope.ORIGINAL:
        yield _("The values with their history and comments, the name of the file and its SHA-256.")
    else:
        yield _("An empty row with the key, dates and credits, for the accounts.")
    yield _("The audit log, which says who did what with the document, by its name. It cannot be changed.")


def _person(line: Facts, people: dict[int, str]) -> str:
    if line.get("person") is None:
        return _("the portal")
    return people.get(line["person"]) or _("somebody without an account now")


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None
