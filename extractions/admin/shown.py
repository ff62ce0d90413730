"""What every page of the admin has in common: rows are looked at, and changed only by the verbs of the product."""

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

from extractions.bell import ring
from extractions.models.extraction import HEAVY

M = TypeVar("M", bound=Model)
LONGEST = 200_000  # characters of an answer that a page of the admin shows

admin.site.site_header = admin.site.site_title = _("Extraction: administration")
admin.site.index_title = _("Everything there is")
admin.site.site_url = None


class Shown(admin.ModelAdmin[M]):
    """Rows that can be looked at only."""

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
        """The permission of the account, which the three above do not ask."""
        name = self.opts.model_name
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{name}")


class Piece(Shown[M]):
    """A row that belongs to one document."""

    list_select_related: ClassVar[tuple[str, ...]] = ("extraction",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return super().get_queryset(request).defer(*(f"extraction__{name}" for name in HEAVY))


class Rows(admin.TabularInline[Any, Any]):
    """Rows beside their document."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def each(page: admin.ModelAdmin[Any], request: HttpRequest, rows: Iterable[M], verb: Callable[[M], bool]) -> None:
    """Do it with every row, and tell how often it happened and how often it could not."""
    answers = [verb(row) for row in rows]
    done, not_done = answers.count(True), answers.count(False)
    if done:
        ring()
        page.message_user(request, ngettext("%d row changed.", "%d rows changed.", done) % done, messages.SUCCESS)
    if not_done:
        words = ngettext("%d row could not be changed in its state.", "%d rows could not be changed.", not_done)
        page.message_user(request, words % not_done, messages.WARNING)


def block(value: object) -> SafeString | str:
    """Long text or JSON as it is, cut where a browser would choke."""
    if value is None:
        return "—"
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False)
    return format_html("<pre>{}</pre>", text[:LONGEST])
