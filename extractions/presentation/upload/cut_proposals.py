"""What a proposal of cuts says, for static/upload/pages/cuts.js."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from extractions.models import CutProposal


def described(proposal: CutProposal) -> dict[str, Any]:
    pages = proposal.draft.page_count
    if proposal.due_at is not None:
        words = _("Looking where documents begin: %(read)s of %(pages)s pages read.")
        return {"state": "reading", "words": words % {"read": proposal.pages.count(), "pages": pages}}
    if proposal.failed:
        return {"state": "failed", "words": _("No cuts can be proposed: the pages cannot be read.")}
    cuts = [{"page": page, "why": _why(page, reasons)} for page, _probability, reasons in proposal.cuts]
    return {
        "state": "ready",
        "cuts": cuts,
        "empty": proposal.empty,
        "words": _summary(proposal),
        "scans": _scans(proposal.scans) if proposal.scans else "",
    }


def _summary(proposal: CutProposal) -> str:
    pages = [page for page, _probability, _reasons in proposal.cuts]
    if not pages:
        return _("No cut is proposed: this looks like one document.")
    words = ngettext(
        "A cut is proposed before page %(pages)s.", "Cuts are proposed before pages %(pages)s.", len(pages)
    ) % {"pages": ", ".join(map(str, pages))}
    if not proposal.empty:
        return words
    empty = ngettext(
        "Page %(pages)s is blank or only separates.", "Pages %(pages)s are blank or only separate.", len(proposal.empty)
    )
    return f"{words} {empty % {'pages': ', '.join(map(str, proposal.empty))}}"


def _scans(count: int) -> str:
    return ngettext(
        "%(count)s page is a scan and was not read.", "%(count)s pages are scans and were not read.", count
    ) % {"count": count}


def _why(page: int, reasons: list[str]) -> str:
    words = {
        "page_one": _("it is numbered as the first page"),
        "last_page": _("the page before is the last one by its number"),
        "number": _("it has another document number"),
        "title": pgettext("reason for a cut", "it has a title"),
        "opening": _("it begins as documents do"),
        "letterhead": _("it has another letterhead or foot"),
        "format": _("it has another format"),
        "date": _("it has another date"),
        "closed": _("the page before ends as documents do"),
        "blank": _("a blank page stands before it"),
        "separator": _("a separator sheet stands before it"),
    }
    listed = ", ".join(words[reason] for reason in reasons if reason in words)
    if not listed:
        return _("Proposed: cut before page %(page)s") % {"page": page}
    return _("Proposed: cut before page %(page)s, since %(reasons)s") % {"page": page, "reasons": listed}
