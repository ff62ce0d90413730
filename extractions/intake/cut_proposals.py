"""Asks the worker where to cut a file that is not sent yet."""

from __future__ import annotations

from django.db import transaction

from extractions import clock, wakeup
from extractions.models import CutProposal, Draft


def ask(draft: Draft, *, recognise: bool = False) -> CutProposal:
    """The proposal for the draft, which may have to be read first. Idempotent.

    With `recognise`, scans among digital pages are read as well, which takes about a second a page.
    """
    with transaction.atomic():
        proposal, is_new = CutProposal.objects.get_or_create(
            draft=draft, defaults={"due_at": clock.now(), "recognise": recognise}
        )
        if recognise and not is_new and not proposal.recognise:
            CutProposal.objects.filter(pk=proposal.pk).update(recognise=True, due_at=clock.now(), failed=False)
        transaction.on_commit(wakeup.notify_workers, robust=True)
    proposal.refresh_from_db()
    return proposal
