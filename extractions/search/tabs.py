"""The predefined searches that the list shows as tabs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from extractions.models import Connection, Extraction
from extractions.models.reviewable import ReviewableExtraction
from extractions.search.conditions import Checked, ColumnIs, Condition, Held
from portal.people.models import User

State = Extraction.State
STUCK = (State.FAILED, State.REJECTED, State.UNDECIDED)
Review = ReviewableExtraction.Review


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str | Promise
    conditions: Callable[[User], list[Condition]]


def _state(*states: str) -> Callable[[User], list[Condition]]:
    return lambda person: [ColumnIs("state", states)]


def _running(person: User) -> list[Condition]:
    """Held documents are left out only while some connection is paused, so that otherwise an index finds the rows."""
    underway = ColumnIs("state", Extraction.UNDERWAY)
    return [underway, Held(but=True)] if Connection.objects.exclude(pause="").exists() else [underway]


TABS = (
    Tab("", gettext_lazy("All"), lambda person: []),
    Tab("mine", gettext_lazy("Mine"), lambda person: [ColumnIs("owner_id", (person.pk,))]),
    Tab(
        "review",
        gettext_lazy("To review"),
        lambda person: [ColumnIs("review_state", (Review.WAITING,)), Checked()],
    ),
    Tab("running", gettext_lazy("Running"), _running),
    Tab(
        "held",
        pgettext_lazy("documents", "Waiting"),
        lambda person: [ColumnIs("state", Extraction.UNDERWAY), Held()],
    ),
    Tab("stuck", gettext_lazy("Stuck"), _state(*STUCK)),
    Tab("finished", pgettext_lazy("documents", "Finished"), _state(State.EXTRACTED)),
    Tab("cancelled", pgettext_lazy("documents", "Cancelled"), _state(State.CANCELLED)),
)
