"""Guest links as lists and their pages show them: their state in words, and when they were opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from extractions.models import GuestLink
from extractions.models.guest_link import GuestLinkQuerySet
from extractions.presentation.document.badges import Badge
from portal.audit.models import Entry, EntryQuerySet
from portal.audit.recording import Action

OPENINGS = 100


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link with its state; `ending` is empty while guests see something."""

    link: GuestLink
    ending: str

    @property
    def open(self) -> bool:
        return not self.ending

    @property
    def revocable(self) -> bool:
        return self.link.revoked_at is None and self.ending != GuestLink.Ending.EXPIRED

    @property
    def badge(self) -> Badge:
        if self.open:
            return Badge("ok", "circle-check", _("Open"))
        if self.ending == GuestLink.Ending.EXPIRED:
            return Badge("", "clock", _("Expired"), weak=True)
        return Badge("", "ban", _("Revoked") if self.ending == GuestLink.Ending.REVOKED else _("Ended"), weak=True)

    @property
    def why(self) -> str:
        """Of an end that nobody decided upon."""
        explained = (GuestLink.Ending.MAKER, GuestLink.Ending.EMPTY)
        return str(GuestLink.Ending(self.ending).label) if self.ending in explained else ""


def lines_of(links: Iterable[GuestLink] | GuestLinkQuerySet) -> list[LinkLine]:
    """For rows of `services.guest_links.links_of`."""
    return [LinkLine(link, link.state or ("" if _shown(link) else GuestLink.Ending.EMPTY)) for link in links]


def _shown(link: GuestLink) -> int:
    return int(getattr(link, "shown_count", 0))


def openings_of(link: GuestLink) -> EntryQuerySet:
    """When guests came in, and were refused, newest first."""
    actions = (Action.LINK_OPENED, Action.LINK_REFUSED)
    return Entry.objects.about("guestlink", str(link.key)).filter(action__in=actions).newest_first()[:OPENINGS]
