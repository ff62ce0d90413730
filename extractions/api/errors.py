"""Every error as JSON, in the shapes of the API."""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from extractions.intake.receiving import Refused
from extractions.presentation.upload.refusals import refusal

FIELDS = {"range": "pdf_page_end", "option": "schema"}
"""The fields that refusals are about; all others are about the document."""
STATUSES = {
    "disk": status.HTTP_507_INSUFFICIENT_STORAGE,
    "budget": status.HTTP_403_FORBIDDEN,
    "timeout": status.HTTP_503_SERVICE_UNAVAILABLE,
}


class FieldErrors(APIException):
    """Errors by field with a status of their own."""

    def __init__(self, code: int, errors: dict[str, list[str]]) -> None:
        super().__init__(errors)
        self.status_code = code


class Unprocessable(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY


class Gone(APIException):
    status_code = status.HTTP_410_GONE


class Held(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "The document is under a legal hold and cannot be deleted."


class TooMany(APIException):
    """429 with a time to wait."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS

    def __init__(self, detail: str, *, wait: int) -> None:
        super().__init__(detail)
        self.wait = wait


class Later(APIException):
    """503 with a time to wait."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE

    def __init__(self, detail: str, *, wait: int) -> None:
        super().__init__(detail)
        self.wait = wait


def refused(name: str, error: Refused) -> APIException:
    """A refused file as an error of the field that it is about."""
    words = refusal(name, error.reason, error.facts)
    field = "credits" if error.reason == "budget" else FIELDS.get(error.reason, "document")
    errors = {field: [f"{words.why[:1].upper()}{words.why[1:]} {words.remedy}"]}
    code = STATUSES.get(error.reason)
    return ValidationError(errors) if code is None else FieldErrors(code, errors)


def handle_exception(error: Exception, context: dict[str, object]) -> Response | None:
    if isinstance(error, SuspiciousOperation):  # for example too many form fields, or a file name that is a path
        error = ParseError(f"The request is not acceptable: {error}")
    elif isinstance(error, RecursionError):  # JSON made of opening brackets
        error = ParseError("The request is nested too deeply.")
    return exception_handler(error, context)
