"""Keyboard shortcuts of the review screen: defaults, and a person's changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.models import ReviewHabits


@dataclass(frozen=True, slots=True)
class Action:
    """`letter` shortcuts are single characters, which work only outside of inputs and can be changed."""

    code: str
    key: str
    words: str | Promise
    where: str
    letter: bool = False


ACTIONS = (
    Action("next", "Enter", gettext_lazy("Save, confirm, on to the next that needs you"), "input"),
    Action("leave", "Tab", gettext_lazy("Save, next field, nothing confirmed"), "input"),
    Action("back", "Esc", gettext_lazy("Put the value back; once more: to the row"), "input"),
    Action("words", "↓", gettext_lazy("Matching words from the page"), "input"),
    Action("move", "↑ ↓ Home End", gettext_lazy("From field to field"), "row"),
    Action("confirm", "Enter", gettext_lazy("Confirm as it is, next that needs you"), "row"),
    Action("edit", "e", gettext_lazy("Edit (also F2)"), "row", letter=True),
    Action("absent", "n", gettext_lazy("Not in the document"), "row", letter=True),
    Action("illegible", "i", gettext_lazy("Illegible"), "row", letter=True),
    Action("revert", "o", gettext_lazy("Back to the extracted value"), "row", letter=True),
    Action("place", "l", gettext_lazy("Show the place on the page"), "row", letter=True),
    Action("history", "h", gettext_lazy("History"), "row", letter=True),
    Action("comment", "c", gettext_lazy("Comment"), "row", letter=True),
    Action("postpone", "p", gettext_lazy("Postpone"), "page", letter=True),
    Action("reject", "r", gettext_lazy("Reject"), "page", letter=True),
    Action("after", "j", gettext_lazy("Next document"), "page", letter=True),
    Action("before", "k", gettext_lazy("Previous document"), "page", letter=True),
    Action("find", "/", gettext_lazy("Find in the document"), "page", letter=True),
    Action("help", "?", gettext_lazy("These keys"), "page", letter=True),
    Action("pages", "PageUp PageDown + − 0", gettext_lazy("Page, zoom, fit"), "page"),
    Action("cells", "↑ ↓ ← → Enter F2", gettext_lazy("As in a spreadsheet, with paste of several cells"), "grid"),
    Action("needy", "F8", gettext_lazy("Next field that needs you; with Shift the previous one"), "anywhere"),
    Action("approve", "Ctrl Enter", gettext_lazy("Approve, and open the next document"), "anywhere"),
    Action("undo", "Ctrl Z", gettext_lazy("Undo; with Shift do it again"), "anywhere"),
    Action("actions", "Ctrl K", gettext_lazy("Every action by name"), "anywhere"),
)
PLACES = {
    "input": gettext_lazy("In a field"),
    "row": gettext_lazy("On a row, one Esc away"),
    "page": gettext_lazy("On a row or the page"),
    "grid": gettext_lazy("In the grid"),
    "anywhere": gettext_lazy("Anywhere"),
}


@dataclass(frozen=True, slots=True)
class Keys:
    actions: tuple[Action, ...]
    letters_off: bool

    @property
    def by_place(self) -> list[tuple[str, list[Action]]]:
        return [
            (str(words), [action for action in self.actions if action.where == place])
            for place, words in PLACES.items()
        ]

    @property
    def letters(self) -> dict[str, str]:
        """Action by key, for the browser; empty if single-letter shortcuts are off."""
        if self.letters_off:
            return {}
        return {action.key.lower(): action.code for action in self.actions if action.letter and action.key}

    @property
    def changeable(self) -> list[Action]:
        return [action for action in self.actions if action.letter]


def keys_of(habits: ReviewHabits | None) -> Keys:
    own: Mapping[str, str] = habits.keys if habits else {}
    actions = tuple(
        replace(action, key=own[action.code]) if action.letter and action.code in own else action for action in ACTIONS
    )
    return Keys(actions, bool(habits and habits.letters_off))


def unfit(wanted: Mapping[str, str]) -> str:
    """Why these keys are invalid; empty if valid. An empty key disables its shortcut."""
    used: dict[str, str] = {}
    for code, key in wanted.items():
        if len(key) > 1:
            return _("“%(key)s” is more than one character.") % {"key": key}
        if key and key.lower() in used:
            return _("“%(key)s” is assigned to two actions.") % {"key": key}
        used[key.lower()] = code
    return ""
