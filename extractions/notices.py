"""What the notices of a person say, and where they lead."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.models import Extraction, Notice, NoticeKind
from portal.people.models import User

SHOWN = 100
ICONS = {
    NoticeKind.MENTIONED: "at-sign",
    NoticeKind.COMMENTED: "message-square",
    NoticeKind.ASSIGNED: "user-check",
    NoticeKind.SECOND: "users",
    NoticeKind.FAILED: "circle-alert",
    NoticeKind.DONE: "circle-check",
}


@dataclass(frozen=True, slots=True)
class Line:
    notice: Notice
    sentence: str
    document: str
    """The name of the document; empty if there are several."""
    address: str

    @property
    def icon(self) -> str:
        return ICONS.get(NoticeKind(self.notice.kind), "info")


def lines_for(person: User) -> list[Line]:
    """The newest notices of documents that the person may see, in two queries at most."""
    rows = Notice.objects.of(person, Extraction.objects.visible_to(person)).filter(listed=True)
    newest = rows.select_related("extraction", "by", "comment").order_by("-made_at")[:SHOWN]
    return [line_of(notice) for notice in newest]


def line_of(notice: Notice) -> Line:
    if notice.count > 1:
        return Line(notice, _of_several(notice), "", _list_of(notice))
    return Line(notice, _of_one(notice), notice.extraction.name, _page_of(notice))


def _of_one(notice: Notice) -> str:
    name = {"name": notice.by.get_full_name() if notice.by else _("Somebody")}
    match notice.kind:
        case NoticeKind.MENTIONED:
            return _("%(name)s mentions you in a comment.") % name
        case NoticeKind.COMMENTED:
            return _("%(name)s comments on this document.") % name
        case NoticeKind.ASSIGNED:
            return _("%(name)s assigns this document to you.") % name
        case NoticeKind.SECOND:
            return _("%(name)s has approved this document; it needs a second approval.") % name
        case NoticeKind.FAILED:
            return _("Your document could not be read.")
        case NoticeKind.DONE:
            return _("Your document has been read.")
        case _:
            raise ValueError(notice.kind)


def _of_several(notice: Notice) -> str:
    n = notice.count
    match notice.kind:
        case NoticeKind.ASSIGNED:
            words = ngettext("%(n)d document is assigned to you.", "%(n)d documents are assigned to you.", n)
        case NoticeKind.SECOND:
            words = ngettext("%(n)d document needs a second approval.", "%(n)d documents need a second approval.", n)
        case NoticeKind.FAILED:
            words = ngettext(
                "%(n)d of your documents could not be read.", "%(n)d of your documents could not be read.", n
            )
        case NoticeKind.DONE:
            words = ngettext("%(n)d of your documents has been read.", "%(n)d of your documents have been read.", n)
        case _:
            raise ValueError(notice.kind)
    return words % {"n": n}


def _page_of(notice: Notice) -> str:
    key = [notice.extraction.key]
    if notice.kind in (NoticeKind.SECOND, NoticeKind.ASSIGNED):
        return reverse("extractions:review", args=key)
    page = reverse("extractions:detail", args=key)
    if notice.comment is not None:
        return f"{page}?{urlencode({'tab': 'comments'})}#comment-{notice.comment.pk}"
    return page


def _list_of(notice: Notice) -> str:
    if notice.kind in (NoticeKind.SECOND, NoticeKind.ASSIGNED):
        return reverse("extractions:review_queue")
    tab = "stuck" if notice.kind == NoticeKind.FAILED else "mine"
    return f"{reverse('extractions:list')}?{urlencode({'show': tab})}"
