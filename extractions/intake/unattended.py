"""Documents that come in with nobody at a page: each content once per set of options, whoever repeats it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from itertools import count

from extractions.intake import submitting
from extractions.intake.receiving import StoredFile, discard
from extractions.intake.single_upload import MAX_EARLIER, has_options, loaded
from extractions.intake.submitting import Options
from extractions.models import Extraction
from portal.people.models import Team, User

ENDED = (Extraction.State.FAILED, Extraction.State.REJECTED, Extraction.State.CANCELLED)
"""After these the same file may be sent again. One whose fate is undecided may have been paid for."""
ONCE = "once."
"""How the form tokens of such documents begin, after their owner."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """In whose name a document comes in, and for which team."""

    person: User
    team: Team


@dataclass(frozen=True, slots=True)
class Taken:
    """The row of a document; `is_new` unless identical content with identical options was there before."""

    extraction: Extraction
    is_new: bool


def submit_once(stored: StoredFile, options: Options, arrival: Arrival) -> Taken:
    """Submit unless the team has the same content with the same options; the stored file is then discarded.

    If that document is in the trash it is restored: there is nobody to ask, and another one would be paid for.

    Idempotent for concurrent callers too. Raises `Refused`; the stored file is then kept, for the caller to discard.
    """
    options = options_for(stored, options)
    earlier = _earlier(stored, options, arrival)
    if earlier is not None:
        discard(stored)
        earlier.restore()
        return Taken(earlier, is_new=False)
    base = _token(stored, options, arrival.team)
    for number in count():
        # A row that ended frees its successor's token, the same for all concurrent callers.
        token = f"{base}.{number}"
        rows = Extraction.objects.filter(form_token=f"{arrival.person.pk}:{token}")
        state, deleted_at = rows.values_list("state", "delete_requested_at").first() or ("", None)
        if not (state in ENDED or deleted_at):
            break
    return _submit(stored, options, arrival, token)


def submit_again(stored: StoredFile, options: Options, arrival: Arrival, token: str) -> Taken:
    """Submit, and pay, whatever was there before; idempotent by the caller's token only."""
    return _submit(stored, options_for(stored, options), arrival, token)


def options_for(stored: StoredFile, options: Options) -> Options:
    """As submitting will store them, so that they compare with those of earlier rows."""
    if stored.mime == "application/pdf":
        return options
    return replace(options, pdf_page_start=None, pdf_page_end=None)


def _submit(stored: StoredFile, options: Options, arrival: Arrival, token: str) -> Taken:
    row = submitting.submit(stored, options, owner=arrival.person, team=arrival.team, form_token=token)
    return Taken(row, is_new=row.document.name == stored.path)


def _earlier(stored: StoredFile, options: Options, arrival: Arrival) -> Extraction | None:
    rows = Extraction.objects.known_to(arrival.person).filter(team=arrival.team, sha256=stored.sha256)
    rows = rows.exclude(state__in=ENDED).newest_first()[:MAX_EARLIER]
    alike = [row for row in loaded(rows) if has_options(row, options)]
    return min(alike, key=lambda row: row.in_trash, default=None)


def _token(stored: StoredFile, options: Options, team: Team) -> str:
    chosen = [
        team.pk,
        options.schema and options.schema.pk,
        options.classifier and options.classifier.pk,
        options.server,
        options.pdf_page_start,
        options.pdf_page_end,
        sorted(options.metadata.items()),
    ]
    digest = hashlib.sha256(f"{stored.sha256} {json.dumps(chosen)}".encode()).hexdigest()
    return f"{ONCE}{digest[:40]}"
