"""Base classes: the admin is read-only, and changes go through actions that call the models' own verbs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from extractions import wakeup
from extractions.models.extraction_queryset import LARGE_COLUMNS
from portal.model_admin import BaseModelAdmin

M = TypeVar("M", bound=Model)
MAX_SHOWN_CHARS = 200_000  # characters of an answer that a page of the admin shows

admin.site.site_header = admin.site.site_title = _("Extraction: administration")
admin.site.index_title = _("Everything there is")
admin.site.site_url = None


class ReadOnlyAdmin(BaseModelAdmin[M]):
    """Rows are shown, never edited."""

    show_full_result_count = False
    list_per_page = 50
    view_on_site = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def may(self, request: HttpRequest, verb: str) -> bool:
        """The account's own permission for this model, which the three methods above ignore."""
        name = self.opts.model_name
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{name}")


class DocumentPartAdmin(ReadOnlyAdmin[M]):
    """A row that is part of one document."""

    list_select_related: ClassVar[tuple[str, ...]] = ("extraction",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return super().get_queryset(request).defer(*(f"extraction__{name}" for name in LARGE_COLUMNS))


class ReadOnlyInline(admin.TabularInline[Any, Any]):
    """Rows shown on the page of their document."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


def apply_to_each(
    page: admin.ModelAdmin[Any], request: HttpRequest, rows: Iterable[M], verb: Callable[[M], bool]
) -> None:
    """Apply the verb to every row, and report how many rows changed and how many could not."""
    answers = [verb(row) for row in rows]
    done, not_done = answers.count(True), answers.count(False)
    if done:
        wakeup.notify_workers()
        page.message_user(request, ngettext("%d row changed.", "%d rows changed.", done) % done, messages.SUCCESS)
    if not_done:
        words = ngettext("%d row could not be changed in its state.", "%d rows could not be changed.", not_done)
        page.message_user(request, words % not_done, messages.WARNING)


def preformatted(value: object) -> SafeString | str:
    """Text or JSON, preformatted and truncated to MAX_SHOWN_CHARS."""
    if value is None:
        return "—"
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False)
    return format_html("<pre>{}</pre>", text[:MAX_SHOWN_CHARS])
