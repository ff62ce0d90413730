"""Three sentences about what went wrong, and the buttons that help: the form that all such stories have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

LONGEST_QUOTE = 300
# What is looked at, where all others are posted.
LINKS = {"upload", "change_options"}
# What is about the whole portal, where all others are about one document.
GENERAL = {"upload", "resume_sending", "go_on"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the story: what only some can do is told only to them."""

    hints: bool = False
    """May put the settings right: staff and administrators of the team."""
    resumes: bool = False
    """May resume what staff paused."""


@dataclass(frozen=True, slots=True)
class Button:
    """`verb` is the name of the URL that the button leads to; `choice` goes along with it."""

    label: str
    verb: str
    choice: str = ""

    @property
    def view(self) -> str:
        return f"extractions:{self.verb}"

    @property
    def link(self) -> bool:
        return self.verb in LINKS

    @property
    def general(self) -> bool:
        return self.verb in GENERAL


@dataclass(frozen=True, slots=True)
class Account:
    """The three sentences. The tone is a word of the look: need, failed, run or skipped.

    The first button is the one that helps most; the others stand beside it more quietly.
    """

    happened: str
    cost: str
    then: str
    tone: str
    buttons: tuple[Button, ...] = ()
    quote: str = ""
    """The service's own words, where it gave any."""
    hint: str = ""
    """How to put it right, for those who can."""

    @property
    def told(self) -> str:
        """What happened, in the service's own words where there are any."""
        words = " ".join(self.quote.split())[:LONGEST_QUOTE]
        if not words:
            return self.happened
        return _("%(sentence)s: “%(words)s”.") % {"sentence": self.happened.rstrip("."), "words": words.rstrip(".")}

    def __str__(self) -> str:
        return " ".join((self.told, self.cost, self.then))


def moment(when: datetime | None) -> str:
    """ "at 14:32", with the day when it is not today; "in a moment" when it is not known or already over."""
    if when is None or when <= timezone.now():
        return _("in a moment")
    local = timezone.localtime(when)
    if local.date() == timezone.localdate():
        return _("at %(time)s") % {"time": time_format(local, "H:i")}
    return _("on %(day)s at %(time)s") % {
        "day": date_format(local, "MONTH_DAY_FORMAT"),
        "time": time_format(local, "H:i"),
    }
