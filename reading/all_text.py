"""Everything in a PDF that is text: of its pages, hidden or not, of its properties and of the files attached to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2

LARGEST = 8 * 1024 * 1024
"""Bytes of an attachment that are handed on: an electronic invoice has far less."""


def all_text(path: Path) -> Iterator[tuple[str, str | bytes]]:
    """Where it stands, and the text; bytes for attachments. Raises `pypdfium2.PdfiumError` for what is no PDF."""
    with pypdfium2.PdfDocument(path) as pdf:
        yield "its properties", "\n".join(pdf.get_metadata_dict().values())
        for number in range(len(pdf)):
            page = pdf[number]
            text = page.get_textpage()
            yield f"page {number + 1}", text.get_text_range()
            text.close()
            page.close()
        for number in range(pdf.count_attachments()):
            attachment = pdf.get_attachment(number)
            yield f"the attached file {attachment.get_name()}", bytes(attachment.get_data())[:LARGEST]
