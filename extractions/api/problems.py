"""Errors of /api/v1/ as problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from extractions.api.errors import handle_exception

PROBLEM = "application/problem+json"


class Conflict(APIException):
    """What was asked for does not fit what became of the document; `facts` tell how it stands now."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.facts = facts


class Outdated(APIException):
    """`If-Match` names another version of the document."""

    status_code = status.HTTP_412_PRECONDITION_FAILED


def handle_as_problem(error: Exception, context: dict[str, object]) -> Response | None:
    response = handle_exception(error, context)
    if response is None:
        return None
    errors = response.data if isinstance(response.data, dict) else {"detail": response.data}
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
    }
    if "detail" in errors:
        problem["detail"] = str(errors["detail"])
    else:
        problem["errors"] = errors
    response.data = problem | getattr(error, "facts", {})
    response.content_type = PROBLEM
    return response
