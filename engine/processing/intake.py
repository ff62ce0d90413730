"""Accepts documents: inspected, checked against the credits, stored durably, and only then a row."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from django.db import transaction
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError

from engine.models import Account, Extract
from engine.processing import files, inspection, work_queue
from engine.processing.uploaded_file import UploadedDocument
from reading.document import Kind
from reading.errors import CannotRead


class CreditsExhausted(APIException):
    """403, in the shape of field errors."""

    status_code = status.HTTP_403_FORBIDDEN

    def __init__(self, field: str, price: int, balance: int) -> None:
        super().__init__({field: [f"Not enough credits: {price} needed, {max(balance, 0)} left."]})


def prepare(
    account: Account,
    document: UploadedDocument,
    *,
    pdf_page_start: int | None = None,
    pdf_page_end: int | None = None,
    **fields: object,
) -> Extract:
    """The unsaved row for a readable document; raises `ValidationError` for any other."""
    try:
        inspected = inspection.inspect(document.path)
    except CannotRead as error:
        raise ValidationError({"document": [inspection.error_message(error)]}) from error
    if inspected.kind is not Kind.PDF:
        pdf_page_start = pdf_page_end = None  # an image is one page, whatever the range
    return Extract(
        account=account,
        document_name=document.name,
        media_type=inspected.kind.value,
        sha256=document.sha256,
        pages=_page_count(inspected.pages, pdf_page_start, pdf_page_end),
        page_start=pdf_page_start,
        page_end=pdf_page_end,
        **fields,
    )


def register(uploads: Sequence[tuple[Extract, UploadedDocument]]) -> None:
    """Accept all or none; durable when this returns. Raises `CreditsExhausted`."""
    try:
        for extract, document in uploads:
            files.store_document(extract, document)
        with transaction.atomic():
            for extract, _ in uploads:
                _charge(extract)
                extract.save_new()
    except BaseException:
        for extract, _ in uploads:
            shutil.rmtree(extract.folder, ignore_errors=True)
        raise
    work_queue.notify()


def _charge(extract: Extract) -> None:
    extract.price = extract.compute_price()
    account = Account.objects.get(pk=extract.account_id)
    balance = account.balance
    if balance is not None and extract.price > balance:
        raise CreditsExhausted("document", extract.price, balance)


def _page_count(pages: int, start: int | None, end: int | None) -> int:
    """How many pages the range selects."""
    message = inspection.page_count_message(pages)
    if start is not None and start > pages:
        raise ValidationError({"pdf_page_start": [message]})
    if end is not None and end > pages:
        raise ValidationError({"pdf_page_end": [message]})
    first, last = start or 1, end or pages
    if first > last:
        raise ValidationError({"pdf_page_end": ["The last page must not come before the first."]})
    return last - first + 1
