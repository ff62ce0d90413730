"""Parts of a PDF as files of their own.

Pages are copied as they are, only turned where that is wanted, and each part holds nothing of the other pages. Like all
opening of strangers' files it belongs into a child (`reading.sandbox`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pikepdf

from reading.errors import Damaged, OutputTooLarge

TurnedPage = tuple[int, int]
"""A page (from 1) and by how many degrees it is turned clockwise."""


def write_parts(
    path: Path, parts: Sequence[Sequence[TurnedPage]], targets: Sequence[Path], max_bytes: int | None = None
) -> None:
    """Write one PDF for each part. The same pages make the same bytes.

    Raises `OutputTooLarge` where all parts together exceed `max_bytes`, and `Damaged`.
    """
    written = 0
    try:
        with pikepdf.open(path) as source:
            source.remove_unreferenced_resources()  # scanners let each page name the pictures of all
            for part, target in zip(parts, targets, strict=True):
                _write(source, part, target)
                written += target.stat().st_size
                if max_bytes is not None and written > max_bytes:
                    raise OutputTooLarge(max_bytes)
    except (pikepdf.PdfError, IndexError) as error:
        raise Damaged(str(error)) from error


def _write(source: pikepdf.Pdf, part: Sequence[TurnedPage], target: Path) -> None:
    with pikepdf.new() as pdf:
        for number, turn in part:
            original = source.pages[number - 1]
            pdf.pages.append(original)
            page = pdf.pages[-1]
            if source.acroform.exists:
                pdf.acroform.fix_copied_annotations(page, original, source.acroform)
            if turn:
                page.rotate(turn, relative=True)
        pdf.save(target, deterministic_id=True)
