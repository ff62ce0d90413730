"""The structure of status explanations: three sentences and the buttons that help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

LONGEST_QUOTE = 300
# Verbs that are links; all others are POST forms.
LINKS = {"upload", "change_options", "credits"}
# Verbs that concern the whole portal; all others concern one document.
GENERAL = {"upload", "resume_sending", "go_on", "credits"}


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of an explanation: some hints and buttons are only for those who can act on them."""

    hints: bool = False
    """May fix the settings: staff and administrators of the team."""
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
class StatusExplanation:
    """Three sentences: what happened, what it cost, what comes next. `tone` is the style: need, failed, run or skipped.

    The first button is the primary action.
    """

    happened: str
    cost: str
    then: str
    tone: str
    buttons: tuple[Button, ...] = ()
    quote: str = ""
    """The service's own words, where it gave any."""
    hint: str = ""
    """How to fix it, for those who can."""

    @property
    def headline(self) -> str:
        """What happened, quoting the service if it gave a reason."""
        words = " ".join(self.quote.split())[:LONGEST_QUOTE]
        if not words:
            return self.happened
        return _("%(sentence)s: “%(words)s”.") % {"sentence": self.happened.rstrip("."), "words": words.rstrip(".")}

    def __str__(self) -> str:
        return " ".join((self.headline, self.cost, self.then))


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
