"""Where a file comes from: the folder in which it lay, and the file whose pages it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

FOLDER_LENGTH = 500
FOLDER_KEY = "folder"
"""The name in the metadata under which a folder is kept on wish."""


@dataclass(frozen=True, slots=True)
class Provenance:
    folder: str = ""
    origin: UUID | None = None
    origin_name: str = ""
    origin_pages: tuple[int, ...] = ()

    def columns(self) -> dict[str, Any]:
        return {
            "folder": self.folder,
            "origin": self.origin,
            "origin_name": self.origin_name,
            "origin_pages": list(self.origin_pages),
        }


class HasProvenance(models.Model):
    """The columns of a row with a file."""

    folder = models.CharField(_("folder"), max_length=FOLDER_LENGTH, blank=True, default="")
    """Relative to what was dropped, with slashes; empty for a file that came alone."""
    origin = models.UUIDField(_("made from"), null=True, blank=True, editable=False)
    """The same for all parts of one file."""
    origin_name = models.CharField(_("name of the file it was made from"), max_length=255, blank=True, default="")
    origin_pages = models.JSONField(_("pages of the file it was made from"), default=list, blank=True)
    """In the order in which they stand here."""

    class Meta:
        abstract = True

    @property
    def provenance(self) -> Provenance:
        return Provenance(self.folder, self.origin, self.origin_name, tuple(self.origin_pages))

    @property
    def origin_ranges(self) -> str:
        return ranges_of(self.origin_pages)


def ranges_of(pages: Sequence[int]) -> str:
    """ "3–5, 9" for [3, 4, 5, 9]."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def comparable_metadata(metadata: dict[str, Any], folder: str) -> dict[str, Any]:
    """Without the folder, so that a file is known again wherever it lay."""
    if folder and metadata.get(FOLDER_KEY) == folder:
        return {key: value for key, value in metadata.items() if key != FOLDER_KEY}
    return metadata
