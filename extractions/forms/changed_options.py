"""The form for extracting a stored document again with other options."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

from extractions.forms.upload import OptionsForm
from extractions.intake.routing import AUTOMATIC
from extractions.intake.submitting import Options
from extractions.models import Connection, Extraction
from portal.people.models import User


class ChangedOptionsForm(OptionsForm):
    """Prefilled with the previous options; team and owner do not change."""

    def __init__(self, *args: Any, extraction: Extraction, person: User, connection: Connection, **kwargs: Any) -> None:
        self.extraction = extraction
        schema = extraction.schema
        initial = {
            # Older versions are not offered.
            "schema": schema and (schema.superseded_by_id or schema.pk),
            "classifier": extraction.classifier_id,
            "server": AUTOMATIC if extraction.routing else extraction.server,
            "pdf_page_start": extraction.pdf_page_start,
            "pdf_page_end": extraction.pdf_page_end,
            "metadata": extraction.metadata,
        }
        super().__init__(*args, person=person, connection=connection, initial=initial, **kwargs)
        del self.fields["batch"], self.fields["team"]
        if not extraction.is_pdf:
            del self.fields["pdf_page_start"], self.fields["pdf_page_end"]

    def clean_pdf_page_start(self) -> int | None:
        return self._within("pdf_page_start")

    def clean_pdf_page_end(self) -> int | None:
        return self._within("pdf_page_end")

    def options(self) -> Options:
        """The chosen options; for valid forms only."""
        cleaned = self.cleaned_data
        return Options(
            schema=cleaned["schema"],
            classifier=cleaned["classifier"],
            server=cleaned["server"],
            pdf_page_start=cleaned.get("pdf_page_start"),
            pdf_page_end=cleaned.get("pdf_page_end"),
            metadata=cleaned["metadata"],
        )

    def _within(self, name: str) -> int | None:
        number: int | None = self.cleaned_data[name]
        pages = self.extraction.page_count
        if number is not None and number > pages:
            words = ngettext("The document has only %(pages)s page.", "The document has only %(pages)s pages.", pages)
            raise ValidationError(words % {"pages": pages}, code="range")
        return number
