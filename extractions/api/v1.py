"""What all of /api/v1/ shares: errors as problem details, and lists that are followed by `next`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from extractions.api.pagination import check_size
from extractions.api.problems import handle_as_problem
from extractions.api.views import ApiView

Row = TypeVar("Row", bound=Model)


class ProblemView(ApiView[Row]):
    def get_exception_handler(self) -> Callable[..., Response | None]:
        return handle_as_problem


class ByCursor(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "size"

    def get_page_size(self, request: Request) -> int:
        check_size(request)
        return super().get_page_size(request) or self.page_size

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        if cursor is not None and "\0" in str(cursor.position):  # which PostgreSQL takes in no text
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> Any:
        """A cursor is decoded by REST framework, but its position may still be none of the column."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, TypeError, OverflowError) as error:
            raise NotFound(self.invalid_cursor_message) from error


class NewestFirst(ByCursor):
    ordering = ("-received_at", "-pk")


class LatestFirst(ByCursor):
    ordering = ("-pk",)


class ByName(ByCursor):
    ordering = ("name", "pk")
