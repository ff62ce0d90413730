from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class PageBySize(PageNumberPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "size"
    page_query_param = "page"
