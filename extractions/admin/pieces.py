"""Parts of documents, in lists of their own."""

from __future__ import annotations

from django.contrib import admin

from extractions.admin.base import DocumentPartAdmin
from extractions.models import Change, ContentImage, PageImage, Value


@admin.register(ContentImage)
class ContentImageAdmin(DocumentPartAdmin[ContentImage]):
    list_display = ("extraction", "position", "name", "mime", "error_code")
    fields = ("extraction", "position", "remote_id", "name", "url", "mime", "error_code")
    list_filter = ("mime", ("file", admin.EmptyFieldListFilter))
    search_fields = ("extraction__name", "name")


@admin.register(PageImage)
class PageImageAdmin(DocumentPartAdmin[PageImage]):
    list_display = ("extraction", "number", "width", "height")
    fields = ("extraction", "number", "width", "height")
    search_fields = ("extraction__name",)


@admin.register(Value)
class ValueAdmin(DocumentPartAdmin[Value]):
    list_display = ("extraction", "path", "text", "evidence", "standing", "page")
    list_filter = ("evidence", "standing", "answer", "corrected", ("page", admin.EmptyFieldListFilter))
    search_fields = ("path", "text", "extraction__name")


@admin.register(Change)
class ChangeAdmin(DocumentPartAdmin[Change]):
    list_display = ("extraction", "path", "kind", "author", "at")
    list_filter = ("kind", ("undone_by", admin.EmptyFieldListFilter), "at")
    list_select_related = ("extraction", "author")
    search_fields = ("path", "extraction__name")
