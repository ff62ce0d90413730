"""Documents for a first visit; extractions/samples/README.md tells what they are."""

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
    """The name of the schema that fits it."""

    @property
    def slug(self) -> str:
        """The file's name without its ending; the address of the sample."""
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
