"""Proposes where to cut files that are not sent yet: reads their pages in turns, so that a long stack blocks nobody."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings

from extractions import clock
from extractions.forwarding.steps import page_words
from extractions.forwarding.time_scale import span
from extractions.models import CutProposal, CutProposalPage
from extractions.storage import file_store
from reading.boundaries.facts import PageFacts
from reading.boundaries.proposal import propose
from reading.boundaries.reading import recognised_facts, text_facts
from reading.errors import CannotRead, ChildDied

LEASE, STORE_RETRY = 300.0, 5.0
SECONDS, SECONDS_PER_PAGE, SECONDS_PER_SCAN = 20.0, 1.0, 60.0
TEXT_TURN, SCAN_TURN = 100, 4
"""Pages of one file per turn."""
WORK_SECONDS = 5.0
SCANNED_SHARE = 0.5
"""A stack of which this share is scanned is recognised without being asked for."""

log = logging.getLogger(__name__)


def work() -> None:
    """Turns of whatever is due, for some seconds."""
    until = time.monotonic() + WORK_SECONDS
    while time.monotonic() < until:
        due = CutProposal.objects.filter(due_at__lte=clock.now())
        proposal = due.select_related("draft").order_by("due_at").first()
        if proposal is None:
            return
        take_turn(proposal)


def take_turn(proposal: CutProposal) -> None:
    """Read some pages; once there are no more, propose."""
    until = clock.now() + span(LEASE)
    if not CutProposal.objects.filter(pk=proposal.pk, due_at=proposal.due_at).update(due_at=until):
        return
    try:
        complete = _read_on(proposal)
    except (CannotRead, OSError) as error:
        _end_turn(proposal, until, *_after(error, proposal))
        return
    if complete:
        _propose(proposal, until)
    else:
        _end_turn(proposal, until, clock.now(), False)


def _after(error: Exception, proposal: CutProposal) -> tuple[datetime | None, bool]:
    """When to go on, and whether the file cannot be read."""
    if isinstance(error, ChildDied) and page_words.is_closed():
        return clock.now(), False
    if not file_store.is_reachable():
        return clock.now() + span(STORE_RETRY), False
    log.warning("The pages of draft %s cannot be read: %r", proposal.draft.key, error)
    return None, True


def _end_turn(proposal: CutProposal, until: datetime, due_at: datetime | None, failed: bool) -> None:
    CutProposal.objects.filter(pk=proposal.pk, due_at=until).update(due_at=due_at, failed=failed)


def _read_on(proposal: CutProposal) -> bool:
    """Whether all pages were looked at that are wanted."""
    pages = proposal.draft.page_count
    path = Path(settings.MEDIA_ROOT) / proposal.draft.document
    if proposal.texts_read < pages:
        last = min(pages, proposal.texts_read + TEXT_TURN)
        _read(proposal, text_facts, path, range(proposal.texts_read + 1, last + 1))
        scanned = last == pages and len(_left(proposal)) >= SCANNED_SHARE * pages
        rows = CutProposal.objects.filter(pk=proposal.pk)
        rows.update(texts_read=last, **({"recognise": True} if scanned else {}))
        return False
    left = _left(proposal) if proposal.recognise else []
    for number in left[:SCAN_TURN]:
        _recognise(proposal, path, number)
    return len(left) <= SCAN_TURN


def _left(proposal: CutProposal) -> list[int]:
    """The pages of which nothing is known yet."""
    known = set(proposal.pages.values_list("number", flat=True))
    return [number for number in range(1, proposal.draft.page_count + 1) if number not in known]


def _read(proposal: CutProposal, function: Callable[..., object], path: Path, numbers: Sequence[int]) -> None:
    seconds = SECONDS_PER_PAGE if function is text_facts else SECONDS_PER_SCAN

    def keep(found: tuple[int, PageFacts]) -> None:
        _store(proposal, found[0], found[1])

    page_words.run(function, path, list(numbers), timeout=SECONDS + seconds * len(numbers), on_event=keep)


def _recognise(proposal: CutProposal, path: Path, number: int) -> None:
    """One page per call, so that a page that kills the child affects no other."""
    try:
        _read(proposal, recognised_facts, path, [number])
    except ChildDied as error:
        if page_words.is_closed():
            raise
        log.warning("Page %d of draft %s cannot be recognised: %r", number, proposal.draft.key, error)
        _store(proposal, number, None)


def _store(proposal: CutProposal, number: int, facts: PageFacts | None) -> None:
    page = CutProposalPage(proposal=proposal, number=number, facts=facts.as_json() if facts else None)
    CutProposalPage.objects.bulk_create([page], ignore_conflicts=True)


def _propose(proposal: CutProposal, until: datetime) -> None:
    facts = {
        number: PageFacts.from_json(data) for number, data in proposal.pages.values_list("number", "facts") if data
    }
    pages = range(1, proposal.draft.page_count + 1)
    found = propose([facts.get(number) for number in pages])
    CutProposal.objects.filter(pk=proposal.pk, due_at=until).update(
        due_at=None,
        cuts=[[cut.page, cut.probability, list(cut.reasons)] for cut in found.cuts],
        empty=list(found.empty),
        scans=proposal.draft.page_count - proposal.pages.count(),
        failed=False,
    )
