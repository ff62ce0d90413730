"""The next step that a category starts by itself: the document once more, with the schema that the category chooses."""

from __future__ import annotations

import logging

from extractions.intake import submitting
from extractions.intake.receiving import Refused
from extractions.intake.routing import AUTOMATIC
from extractions.models import NextStep
from extractions.services.classifier_studio import schema_for

log = logging.getLogger(__name__)


def run(step: NextStep) -> None:
    """Submit it once; safe to run twice, since the same file with the same options is one document.

    Where that cannot be now (the budget, a region, a file that is gone), its page goes on offering the step to people.
    """
    extraction = step.extraction
    schema, owner = schema_for(extraction), extraction.owner
    if schema is not None and owner is not None and extraction.delete_requested_at is None:
        options = submitting.Options(
            schema=schema,
            server=AUTOMATIC if extraction.routing else extraction.server,
            pdf_page_start=extraction.pdf_page_start,
            pdf_page_end=extraction.pdf_page_end,
            metadata=extraction.metadata,
        )
        try:
            made = submitting.extract_again(extraction, owner, options)
        except (submitting.OriginalMissing, Refused) as error:
            log.info("The next step of %s is left to people: %s", extraction.key, error)
        else:
            log.info("%s goes on as %s, with %s", extraction.key, made.key, schema)
    NextStep.objects.filter(pk=step.pk).delete()
