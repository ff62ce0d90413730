"""The badge beside a field of the review screen, and the style of its place on the page."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from extractions.models import ReviewStatus, Value
from extractions.presentation.document.badges import Badge
from extractions.verification.review_status import current

EMPTY: tuple[object, ...] = (None, "", [], {})


def badge_of(value: Value) -> Badge:
    """The badge beside a field."""
    who = value.confirmed_by.get_short_name() if value.confirmed_by else _("a person")
    match ReviewStatus(value.standing):
        case ReviewStatus.BROKEN:
            return Badge("broke", "triangle-alert", _("Rule broken"))
        case ReviewStatus.NEEDS_YOU:
            return _unsure(value)
        case ReviewStatus.ON_PAGE:
            return Badge(
                "need", "scan-text", _("Stands on the page"), _printed(value), weak=True, short=_("On the page")
            )
        case ReviewStatus.BY_EVIDENCE:
            return Badge("ok", "check", _("Confirmed by evidence"), _printed(value), short=_("Confirmed"))
        case ReviewStatus.CORRECTED:
            moment = time_format(timezone.localtime(value.confirmed_at), "H:i") if value.confirmed_at else ""
            if value.typed_on_page is False and not is_empty(value):
                return Badge("", "search", _("Edited, not found"), f"{who}, {moment}", short=_("Not found"))
            return Badge("", "pencil", _("Edited by %(who)s, %(time)s") % {"who": who, "time": moment})
        case ReviewStatus.BY_PERSON:
            if value.answer:
                return Badge("", "user-check", f"{value.get_answer_display()}, {who}")
            return Badge("ok", "user-check", _("Confirmed by %(who)s") % {"who": who})
    return Badge("", "", "")


def place_state(value: Value) -> str:
    """The style of its place on the page."""
    match ReviewStatus(value.standing):
        case ReviewStatus.NEEDS_YOU | ReviewStatus.ON_PAGE:
            return "need"
        case ReviewStatus.BROKEN:
            return "broke"
        case ReviewStatus.IDLE:
            return ""
    return "ok"


def _unsure(value: Value) -> Badge:
    match value.evidence:
        case Value.Evidence.FUZZY:
            word = (
                _("Fuzzy: “%(text)s”") % {"text": cut(value.evidence_text, 16)} if value.evidence_text else _("Fuzzy")
            )
            return Badge("need", "circle-question-mark", word)
        case Value.Evidence.MISSING:
            return Badge("need", "circle-question-mark", _("Not found"))
        case Value.Evidence.NONE:
            word = _("Required, empty") if value.required else _("Usually there, empty")
            return Badge("need", "circle-question-mark", word if is_empty(value) else _("Not on the page"))
    return Badge("need", "circle-question-mark", _("Not checked"))


def _printed(value: Value) -> str:
    """How the page has it, where that differs."""
    differs = value.evidence == Value.Evidence.NORMALISED and value.evidence_text
    return _("“%(text)s”") % {"text": cut(value.evidence_text)} if differs else ""


def is_empty(value: Value) -> bool:
    return current(value) in EMPTY and not isinstance(current(value), bool)


def cut(text: str, most: int = 28) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
