"""The state of a document as a short badge for lists. Full explanations are in sentences.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.models import Connection, Extraction
from extractions.presentation.document.steps import step_line, usual_times

State = Extraction.State


@dataclass(frozen=True, slots=True)
class Badge:
    """`kind` selects the style (need, failed, run, ...), empty for neutral; `since` starts a running clock; what is
    `weak` has no tint; `short` is the word where there is little room.
    """

    kind: str
    icon: str
    word: str
    more: str = ""
    since: datetime | None = None
    weak: bool = False
    short: str = ""


def badge_of(extraction: Extraction) -> Badge:
    """The badge of the State column."""
    if extraction.in_progress and extraction.cancel_requested_at:
        return Badge("", "ban", _("Being cancelled"))
    match extraction.state:
        case State.QUEUED:
            return _queued(extraction)
        case State.RUNNING:
            return _running(extraction)
        case State.EXTRACTED:
            return _finished(extraction)
        case State.FAILED:
            return _failed(extraction)
        case State.REJECTED:
            return _rejected(extraction)
        case _:
            return _plain(extraction)


def _plain(extraction: Extraction) -> Badge:
    """Badges that depend on the state alone."""
    match extraction.state:
        case State.SENDING:
            return Badge("run", "arrow-up", _("Sending"))
        case State.SENT:
            return Badge("run", "loader-circle", _("Handed over"))
        case State.CHECKING:
            return Badge("need", "search", _("Did it arrive?"), _("we are looking"))
        case State.UNDECIDED:
            return Badge("need", "circle-question-mark", _("Did it arrive?"), _("you decide"))
        case _:
            return Badge("", "ban", str(State(extraction.state).label))


def _queued(extraction: Extraction) -> Badge:
    if extraction.connection.paused:
        return Badge("need", "pause", _pause_word(extraction.connection), _("waits safely"))
    if not extraction.error_code:
        return Badge("", "clock", _("Waiting to be sent"))
    words = {
        "cut": _("The connection broke"),
        "timeout": _("%(server)s did not answer in time") % {"server": extraction.server},
        "error_answer": _("%(server)s answered with an error") % {"server": extraction.server},
        "corrupt": _("Unreadable answer"),
        "not_arrived": _("Did not arrive"),
        "crashes": _("Sending was interrupted"),
        "rate": _("Asked to slow down"),
        "key_refused": _("Key refused"),
        "no_credits": _("Out of credits"),
        "wrong_address": _("Wrong address"),
    }
    word = words.get(extraction.error_code, _("%(server)s did not answer") % {"server": extraction.server})
    return Badge("need", "clock", word, _next_try(extraction))


def _pause_word(connection: Connection) -> str:
    return str(connection.get_pause_display())


def _next_try(extraction: Extraction) -> str:
    moment = extraction.next_try_at
    if moment is None or moment <= timezone.now():
        return _("trying again")
    return _("next try %(time)s") % {"time": time_format(timezone.localtime(moment), "H:i")}


def _running(extraction: Extraction) -> Badge:
    since = _since(extraction)
    if extraction.error_code:
        return Badge("need", "clock", _("No news from %(server)s") % {"server": extraction.server}, _("we ask again"))
    if extraction.is_queued_at_service:
        return Badge("run", "clock", _("Waiting at the service"), since=since)
    word = extraction.step_label or str(State.RUNNING.label)
    if step_line(extraction, usual_times(extraction.connection_id, extraction.server)).slow:
        return Badge("need", "clock", word, _("slower than usual"), since)
    return Badge("run", "loader-circle", word, since=since)


def _since(extraction: Extraction) -> datetime:
    """When the current step was first seen, else when the document was handed over."""
    seen = parse_datetime(str(extraction.steps_seen.get(extraction.extraction_step, "")))
    return seen or extraction.state_changed_at


def _finished(extraction: Extraction) -> Badge:
    if extraction.error_code == "paid_twice" or extraction.other_remote_ids:
        return Badge("need", "circle-question-mark", _("Finished"), _("probably charged twice"))
    if extraction.schema_id is None:
        return Badge("", "file-text", _("Finished, no schema"))
    return _reviewed(extraction)


def _reviewed(extraction: Extraction) -> Badge:
    """The state of its review."""
    match extraction.review_state:
        case Extraction.Review.APPROVED:
            return Badge("ok", "user-check", _("Approved"))
        case Extraction.Review.REJECTED:
            return Badge("", "ban", _("Rejected"))
        case Extraction.Review.POSTPONED:
            return Badge("", "clock", _("Postponed"))
        case Extraction.Review.WAITING:
            return _waiting(extraction)
    return Badge("", "check", _("Finished"))


def _waiting(extraction: Extraction) -> Badge:
    """What its review waits for."""
    if extraction.evidence_due_at is not None:
        return Badge("", "search", _("Being checked"))
    if open_ := extraction.needs + extraction.broken_count:
        words = ngettext("%(count)d needs you", "%(count)d need you", open_) % {"count": open_}
        return Badge("", "clock", _("Waits for review"), words)
    if extraction.first_approved_by_id is not None:
        return Badge("", "clock", _("Waits for a second person"))
    return Badge("", "clock", _("Waits for approval"))


def _failed(extraction: Extraction) -> Badge:
    words = {"gone": _("Unknown to the service"), "corrupt": _("Unreadable answer")}
    word = words.get(extraction.error_code, str(State.FAILED.label))
    return Badge("failed", "circle-x", word, extraction.step_label if extraction.error_code not in words else "")


def _rejected(extraction: Extraction) -> Badge:
    more = {
        "refused": _("refused by the service"),
        "too_large": _("too large"),
        "wrong_address": _("meant for another service"),
        "crashes": _("it stopped our worker"),
        "expired": _("three days without success"),
        "original_missing": _("our copy is missing"),
        "undecided": _("given up"),
    }
    return Badge("failed", "circle-x", str(State.REJECTED.label), more.get(extraction.error_code, ""))
