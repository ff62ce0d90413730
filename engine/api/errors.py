"""Renders every error as JSON, in the formats of the API."""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler


class Conflict(APIException):
    """409: a valid request that the state of this object does not allow."""

    status_code = status.HTTP_409_CONFLICT


def handle_exception(error: Exception, context: dict[str, object]) -> Response | None:
    if isinstance(error, SuspiciousOperation):  # for example too many form fields, or a file name that is a path
        error = ParseError(f"The request is not acceptable: {error}")
    elif isinstance(error, RecursionError):  # JSON made of opening brackets
        error = ParseError("The request is nested too deeply.")
    return exception_handler(error, context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse({"detail": "Bad request."}, status=status.HTTP_400_BAD_REQUEST)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse({"detail": "Not found."}, status=status.HTTP_404_NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"detail": "A server error occurred."}, status=status.HTTP_500_INTERNAL_SERVER_ERROR)
