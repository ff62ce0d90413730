"""Every error as JSON, in the shapes of the API."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler


class CreditsExhausted(APIException):
    """403, with the same shape as the errors of fields."""

    status_code = status.HTTP_403_FORBIDDEN

    def __init__(self, field: str, price: int, balance: int) -> None:
        left = max(balance, 0)
        super().__init__({field: [f"Not enough credits: {price} needed, {left} left."]})


class Conflict(APIException):
    """What is asked makes sense, but not of this object, or not now."""

    status_code = status.HTTP_409_CONFLICT


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, SuspiciousOperation):  # a form that is too large, a file name that is a path
        error = ParseError(f"The request is not acceptable: {error}")
    elif isinstance(error, RecursionError):  # JSON that is nothing but opening brackets
        error = ParseError("The request is nested too deeply.")
    return exception_handler(error, context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse({"detail": "Bad request."}, status=status.HTTP_400_BAD_REQUEST)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse({"detail": "Not found."}, status=status.HTTP_404_NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"detail": "A server error occurred."}, status=status.HTTP_500_INTERNAL_SERVER_ERROR)
