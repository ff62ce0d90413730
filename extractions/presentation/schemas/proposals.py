"""A proposal in words: what is being read, and the fields with the places where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions import clock
from extractions.models import Connection, Extraction, PageImage, ProposalDocument, SchemaProposal
from extractions.presentation.schemas.editor import KINDS, MAX_INDENT
from extractions.schemas.fields import Kind
from extractions.schemas.proposing import Box, Example, Proposal, Proposed
from extractions.services.proposals import proposed_from
from portal.people.models import User

LONGEST_VALUE = 120
DRAWING = timedelta(minutes=1)
"""For which the page waits for the pictures of pages."""


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on the picture of a page, in thousandths of its width and height."""

    number: int
    x: int
    y: int
    width: int
    height: int


@dataclass(slots=True)
class Sheet:
    """One page of an example on which something stands."""

    extraction: Extraction
    image: PageImage
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    depth: int
    proposed: Proposed
    title: str
    ticked: bool
    shown: Example | None
    """What stands for it, in the first example that has it."""
    documents: int

    @property
    def indent(self) -> int:
        return min(self.depth, MAX_INDENT)

    @property
    def kind(self) -> object:
        of = self.proposed.field
        return KINDS[f"{of.kind}[]" if of.many else str(of.kind)]

    @property
    def is_group(self) -> bool:
        return self.proposed.field.kind is Kind.GROUP

    @property
    def value(self) -> str:
        text = self.shown.value if self.shown else ""
        return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"

    @property
    def box(self) -> str:
        """A check box is shown by its word."""
        return {"☑": _("ticked"), "☐": _("not ticked")}.get(self.value, "")

    @property
    def choices(self) -> str:
        return ", ".join(str(choice.value) for choice in self.proposed.field.choices)

    @property
    def seen(self) -> str:
        if self.documents < 2:
            return ""
        count = self.proposed.seen_in
        words = {"count": count, "all": self.documents}
        return ngettext("in %(count)s of %(all)s", "in %(count)s of %(all)s", count) % words


class ProposalPage:
    def __init__(self, proposal: SchemaProposal, person: User, given: Mapping[str, str] | None = None) -> None:
        """`given` has the titles of the fields that a person ticked, by key."""
        self.proposal = proposal
        self._given = given
        visible = Extraction.objects.visible_to(person)
        rows = proposal.documents.filter(extraction__in=visible).select_related("extraction")
        heavy = ("extraction__content", "extraction__extracted_data", "extraction__raw")
        self.documents: list[ProposalDocument] = list(rows.defer(*heavy))
        self.connection = Connection.for_team(proposal.team_id)

    @property
    def ended(self) -> int:
        return sum(not row.underway for row in self.documents)

    @property
    def reading(self) -> bool:
        return any(row.underway for row in self.documents)

    @cached_property
    def drawing(self) -> bool:
        """Whether pictures of pages are still to come, for a while."""
        due = any(row.extraction.pages_due_at is not None for row in self.documents)
        return due and clock.now() - self.proposal.created_at < DRAWING

    @property
    def underway(self) -> bool:
        return self.reading or self.drawing

    @property
    def failed(self) -> list[ProposalDocument]:
        return [row for row in self.documents if row.state == ProposalDocument.State.FAILED]

    @property
    def read(self) -> int:
        return sum(row.state == ProposalDocument.State.DONE for row in self.documents)

    @cached_property
    def found(self) -> Proposal:
        return proposed_from(self.documents, self.proposal.language)

    @cached_property
    def rows(self) -> list[Row]:
        return [self._row(number, depth, item) for number, (depth, item) in enumerate(self.found.walk())]

    def _row(self, number: int, depth: int, item: Proposed) -> Row:
        given = self._given
        title = item.field.title if given is None else given.get(item.key, item.field.title)
        ticked = item.ticked if given is None else item.key in given
        shown = next((example for example in item.examples if example.boxes), None)
        return Row(number, depth, item, title, ticked, shown or next(iter(item.examples), None), self.read)

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The pages on which something stands, with the places of each field's first example."""
        documents = [row.extraction_id for row in self.documents]
        images = PageImage.objects.filter(extraction__in=documents).exclude(file="")
        by_page = {(image.extraction_id, image.number): image for image in images}
        sheets: dict[tuple[int, int], Sheet] = {}
        for row in self.rows:
            example = row.shown
            if example is None or example.page is None or not example.boxes:
                continue
            extraction = self.documents[example.document].extraction
            at = (extraction.pk, example.page)
            if at in by_page:
                sheet = sheets.setdefault(at, Sheet(extraction, by_page[at]))
                sheet.places += [_place(row.number, box) for box in example.boxes]
        order = {number: at for at, number in enumerate(documents)}
        return [sheets[at] for at in sorted(sheets, key=lambda at: (order[at[0]], at[1]))]

    @property
    def facts(self) -> object:
        return [(row.pk, row.state) for row in self.documents], self.drawing, self.connection.pause


def _place(number: int, box: Box) -> Place:
    x0, y0, x1, y1 = (round(edge * 1000) for edge in box)
    return Place(number, x0 - 2, y0 - 1, x1 - x0 + 4, y1 - y0 + 2)
