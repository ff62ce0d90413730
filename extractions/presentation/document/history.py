"""The chronological events of one document, for its History tab."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from extractions.models import Attempt, Extraction
from extractions.presentation.document.steps import END
from extractions.presentation.operations.audit_lines import lines_of
from portal.audit.descriptions import Detail
from portal.audit.models import Entry


@dataclass(frozen=True, slots=True)
class Event:
    when: datetime
    what: str
    detail: str = ""
    kind: str = ""
    """Selects the style; empty for neutral."""


def history_of(extraction: Extraction, attempts: list[Attempt]) -> list[Event]:
    events = [Event(extraction.received_at, _("Received"), str(extraction.owner or ""))]
    for attempt in attempts:
        events += _of_attempt(attempt)
    for step, when in extraction.steps_seen.items():
        moment = parse_datetime(str(when))
        if moment and step != END:
            events.append(Event(moment, _step_label(step), _("first seen by us"), "run"))
    if extraction.cancel_requested_at:
        events.append(Event(extraction.cancel_requested_at, _("Cancelling was asked for")))
    if extraction.decision:
        words = {"look": _("Look again"), "send": _("Send again"), "give_up": _("Give up")}
        who = str(extraction.decided_by or "")
        events.append(Event(extraction.state_changed_at, words.get(extraction.decision, extraction.decision), who))
    if extraction.finished_at:
        events.append(_end(extraction, extraction.finished_at))
    events += [_of_people(entry, details) for entry, details in lines_of(extraction)]
    return sorted(events, key=lambda event: event.when)


def _of_people(entry: Entry, details: list[Detail]) -> Event:
    said = " · ".join(str(detail) for detail in details)
    who = entry.person_name or _("nobody signed in")
    action = str(entry.get_action_display())
    return Event(entry.at, action[:1].upper() + action[1:], " · ".join(part for part in (who, said) if part))


def _of_attempt(attempt: Attempt) -> list[Event]:
    events = [Event(attempt.started_at, _("Sending, try %(number)s") % {"number": attempt.number}, "", "run")]
    if attempt.handed_over_at:
        events.append(Event(attempt.handed_over_at, _("Handed over to the service")))
    if attempt.ended_at:
        status = _("HTTP %(status)s") % {"status": attempt.http_status} if attempt.http_status else ""
        good = attempt.outcome == Attempt.Outcome.ACCEPTED
        said = " · ".join(part for part in (status, attempt.detail[:300]) if part)
        events.append(Event(attempt.ended_at, str(attempt.get_outcome_display()), said, "" if good else "need"))
    return events


def _end(extraction: Extraction, when: datetime) -> Event:
    kind = "failed" if extraction.state == Extraction.State.FAILED else ""
    return Event(when, str(extraction.get_state_display()), extraction.error_detail[:300], kind)


def _step_label(step: str) -> str:
    return str(dict(Extraction.Step.choices).get(step, step))
