from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


def check_size(request: Request) -> None:
    """A size above the maximum is capped; a malformed one is an error, where REST framework uses the default."""
    try:
        int(request.query_params.get("size", 0))
    except ValueError:
        raise ValidationError({"size": ["A valid integer is required."]}) from None


class SizedPagination(PageNumberPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "size"

    def get_page_size(self, request: Request) -> int | None:
        check_size(request)
        return super().get_page_size(request)

    def get_page_number(self, request: Request, paginator: object) -> Any:
        """An empty page number is invalid, where REST framework takes it for 1."""
        return request.query_params.get(self.page_query_param, 1)
