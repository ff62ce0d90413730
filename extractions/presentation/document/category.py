"""What a document is, by its classifier and by people, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.intake.prices import PriceGroup, cached_price
from extractions.models import ClassifierExample, Extraction, Schema, StudioClassifier
from extractions.services.classifier_studio import schema_for, studios_for


@dataclass(frozen=True, slots=True)
class CategoryReview:
    extraction: Extraction
    studios: list[StudioClassifier]
    said: ClassifierExample | None
    """The word of a person."""
    next: Schema | None
    """Chosen by the category for the next step."""

    @property
    def choices(self) -> list[tuple[StudioClassifier, list[str]]]:
        return [(studio, studio.newest.names) for studio in self.studios]

    @property
    def cost(self) -> str:
        extraction = self.extraction
        if self.next is None or extraction.connection.embedded:
            return _("costs nothing")
        price = cached_price(PriceGroup(extraction.team_id, extraction.connection_id, self.next.pk, False))
        credits = round(price.usual * extraction.requested_pages)
        return ngettext("about %(count)s credit", "about %(count)s credits", credits) % {"count": credits}


def category_of(extraction: Extraction) -> CategoryReview | None:
    """None while it is being read."""
    if extraction.state != Extraction.State.EXTRACTED:
        return None
    studios = studios_for(extraction)
    said = None
    if studios:
        rows = ClassifierExample.objects.filter(extraction=extraction, studio__in=studios).exclude(category="")
        said = rows.select_related("person").first()
    return CategoryReview(extraction, studios, said, None if extraction.schema_id else schema_for(extraction))
