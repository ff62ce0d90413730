"""The audit log. Its rows are append-only in the database, too."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from extractions.admin.base import ReadOnlyAdmin, preformatted
from portal.audit.models import Entry


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin[Entry]):
    list_display = ("at", "person_name", "action", "subject_kind", "subject_name", "team", "address")
    list_filter = ("action", "at")
    search_fields = ("person_name", "subject_name", "subject_id")
    list_select_related = ("team",)
    ordering = ("-pk",)
    exclude = ("before", "after")
    readonly_fields = ("at", "formatted_before", "formatted_after", "position", "previous_hash", "hash")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        """The permission to view entries opens no other team's log: as on the log's own page."""
        return Entry.objects.visible_to(request.user).order_by(*self.ordering)

    @admin.display(description=_("before"))
    def formatted_before(self, entry: Entry) -> SafeString | str:
        return preformatted(entry.before)

    @admin.display(description=_("after"))
    def formatted_after(self, entry: Entry) -> SafeString | str:
        return preformatted(entry.after)
