"""Sample documents for a first visit, described in extractions/samples/README.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

FOLDER = Path(__file__).parent / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    file: str
    title: StrOrPromise
    description: StrOrPromise
    schema: str
    """Name of the schema to extract it with."""

    @property
    def slug(self) -> str:
        """The file's name without its extension, used in URLs."""
        return self.path.stem

    @property
    def path(self) -> Path:
        return FOLDER / self.file


SAMPLES = (
    Sample(
        "invoice-larkspur-instruments.pdf",
        _("An invoice in English"),
        _("PDF with text, sixteen lines"),
        "Invoice",
    ),
    Sample("facture-kerbrune-scan.pdf", _("A scanned invoice in French"), _("PDF, only a picture"), "Invoice"),
    Sample("ticket-pennywhistle.jpg", _("A photographed till receipt"), _("JPEG"), "Receipt"),
)


def sample_called(slug: str) -> Sample | None:
    return next((sample for sample in SAMPLES if sample.slug == slug), None)
