"""What pages say of what comes in by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from extractions.intake.file_names import clean_name
from extractions.models import Extraction, IncomingFile
from extractions.models.incoming import IncomingSource
from extractions.presentation.upload.refusals import refusal


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file, and what became of it."""

    row: IncomingFile
    name: str
    why: str
    extraction: Extraction | None


def file_lines(rows: Iterable[IncomingFile], visible: Mapping[int, Extraction]) -> list[FileLine]:
    """`visible` are the documents that the reader may see."""
    return [_line(row, visible) for row in rows]


def _line(row: IncomingFile, visible: Mapping[int, Extraction]) -> FileLine:
    why = ""
    if row.outcome == IncomingFile.Outcome.REFUSED:
        said = refusal(clean_name(row.path), row.reason, row.facts)
        why = f"{said.why} {said.remedy}"
    elif row.outcome == IncomingFile.Outcome.KNOWN:
        why = _("The team has the same content with the same options. Nothing was charged.")
    extraction = visible.get(row.extraction_id) if row.extraction_id else None
    gone = not row.path or (row.outcome != IncomingFile.Outcome.REFUSED and extraction is None)
    return FileLine(row, _("a deleted document") if gone else row.path, why, extraction)


def trouble_of(source: IncomingSource) -> str:
    """Why nothing, or not everything, comes in; empty while all is well."""
    if not source.error_code:
        return ""
    sentences = {
        "person": _("The person in whose name documents come in may no longer send documents for this team."),
        "option": _("“%(detail)s” is not offered any more. Choose another schema or classifier; what needs it waits."),
        "budget": _("The team’s credits for this month do not allow more documents. What is there waits."),
        "disk": _("There is no room left to keep files. What is there waits."),
        "store": _("The portal’s own folder of files cannot be reached. What is there waits."),
        "outside": _("The settings of the server no longer allow this folder to be watched."),
        "missing": _("The folder cannot be reached. Is its disk or network share mounted?"),
        "denied": _("The portal may not write into the folder, and so could not move files to done or refused."),
        "unreadable": _("The portal may not read %(detail)s. Other files are taken."),
    }
    words = sentences.get(
        source.error_code, _("Something went wrong. An administrator can find the details in the worker’s log.")
    )
    return words % {"detail": source.error_detail}
