"""Verbs on proposals of schemas from examples."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from extractions import wakeup
from extractions.models import Connection, Extraction, ProposalDocument, SchemaProposal
from extractions.models.extraction_queryset import LARGE_COLUMNS, ExtractionQuerySet
from extractions.schemas.proposing import Proposal, proposal_of
from portal.audit.recording import Action, record
from portal.people.models import Team, User

MOST_EXAMPLES = 5
OFFERED = 30


def can_propose(team: Team) -> bool:
    """Only the embedded engine reads documents for this; the API of the service has nothing of the kind."""
    return Connection.for_team(team.pk).embedded


def candidates(team: Team, person: User) -> ExtractionQuerySet:
    """Documents of the team that can serve as examples, the newest first."""
    rows = Extraction.objects.visible_to(person).filter(team=team).exclude(document="")
    return rows.defer(*LARGE_COLUMNS).select_related("schema").newest_first()


@transaction.atomic
def propose(team: Team, examples: Sequence[Extraction], person: User, *, language: str) -> SchemaProposal:
    """Ask the worker to have the examples read. Without any of its own it is a proposal of nothing."""
    proposal = SchemaProposal.objects.create(team=team, person=person, language=language)
    ProposalDocument.objects.bulk_create(
        ProposalDocument(proposal=proposal, extraction=row, position=position)
        for position, row in enumerate(examples[:MOST_EXAMPLES])
    )
    record(Action.SETTING, team, person=person, after={"examples": len(examples), "proposing": True})
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return proposal


def proposed_from(documents: Sequence[ProposalDocument], language: str) -> Proposal:
    return proposal_of([row.found if row.state == ProposalDocument.State.DONE else None for row in documents], language)
