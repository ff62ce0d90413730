"""How a document comes in: checked by its content, paid for, on the disk, and only then a row."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from engine import dispatch, files, inspection
from engine.errors import CreditsExhausted
from engine.incoming import IncomingFile
from engine.models import Account, Extract
from reading.document import Kind
from reading.errors import CannotRead


def prepare(
    account: Account,
    document: IncomingFile,
    *,
    pdf_page_start: int | None = None,
    pdf_page_end: int | None = None,
    **fields: Any,
) -> Extract:
    """The row for a document that can be read, not saved yet."""
    try:
        found = inspection.inspect(document.path)
    except CannotRead as error:
        raise ValidationError({"document": [inspection.sentence(error)]}) from error
    if found.kind is not Kind.PDF:
        pdf_page_start = pdf_page_end = None  # a picture is one page whatever is asked
    return Extract(
        account=account,
        document_name=document.name,
        media_type=found.kind.value,
        sha256=document.sha256,
        pages=_pages(found.pages, pdf_page_start, pdf_page_end),
        page_start=pdf_page_start,
        page_end=pdf_page_end,
        **fields,
    )


def register(arrivals: Sequence[tuple[Extract, IncomingFile]]) -> None:
    """Take all of them or none. When this returns, neither a crash nor a power cut can lose them."""
    try:
        for extract, document in arrivals:
            files.keep_document(extract, document)
        with transaction.atomic():
            for extract, _ in arrivals:
                _charge(extract)
                extract.save_new()
    except BaseException:
        for extract, _ in arrivals:
            shutil.rmtree(extract.folder, ignore_errors=True)
        raise
    dispatch.wake()


def _charge(extract: Extract) -> None:
    extract.price = extract.price_of_pages()
    account = Account.objects.get(pk=extract.account_id)
    balance = account.balance
    if balance is not None and extract.price > balance:
        raise CreditsExhausted("document", extract.price, balance)


def _pages(pages: int, start: int | None, end: int | None) -> int:
    """How many of the pages are to be read."""
    said = inspection.pages_there(pages)
    if start is not None and start > pages:
        raise ValidationError({"pdf_page_start": [said]})
    if end is not None and end > pages:
        raise ValidationError({"pdf_page_end": [said]})
    first, last = start or 1, end or pages
    if first > last:
        raise ValidationError({"pdf_page_end": ["The last page must not come before the first."]})
    return last - first + 1
