"""What runs in the background: worker processes and exports."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from extractions.admin.base import ReadOnlyAdmin, preformatted
from extractions.models import Export, WorkerProcess


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin[Export]):
    list_display = ("form", "person", "state", "done", "total", "failed_files", "attempts", "created_at", "expires_at")
    list_filter = ("state", "form", "created_at")
    search_fields = ("key", "person__email", "person__name", "query")
    list_select_related = ("person",)
    exclude = ("file", "numbers", "options")
    readonly_fields = ("key", "file_name", "formatted_numbers", "formatted_options")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        return super().get_queryset(request).defer("numbers", "options")

    @admin.display(description=_("file"))
    def file_name(self, export: Export) -> str:
        """The path as text: only the export's own page serves it, after its access check."""
        return export.file.name or "—"

    @admin.display(description=_("chosen documents"))
    def formatted_numbers(self, export: Export) -> SafeString | str:
        return preformatted(export.numbers)

    @admin.display(description=_("options"))
    def formatted_options(self, export: Export) -> SafeString | str:
        return preformatted(export.options)


@admin.register(WorkerProcess)
class WorkerProcessAdmin(ReadOnlyAdmin[WorkerProcess]):
    list_display = ("name", "is_alive", "error_code", "host", "pid", "started_at", "seen_at", "stopped_at")
    list_filter = (("stopped_at", admin.EmptyFieldListFilter), "host")
    search_fields = ("name", "host")
    exclude = ("lanes",)
    readonly_fields = ("is_alive", "formatted_pools")

    @admin.display(description=_("alive"), boolean=True)
    def is_alive(self, process: WorkerProcess) -> bool:
        return process.alive

    @admin.display(description=_("thread pools, with threads busy and in all"))
    def formatted_pools(self, process: WorkerProcess) -> SafeString | str:
        return preformatted(process.lanes)
