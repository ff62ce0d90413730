"""Review and repair by staff: everything is shown, nothing is typed over, and changes go through the same verbs."""

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
from extractions.models import Attempt, Classifier, Connection, ContentImage, Extraction, PageImage, Schema, Value
from extractions.models.extraction import HEAVY

M = TypeVar("M", bound=Model)
ASKED = ("schema", "classifier", "server", "pdf_page_start", "pdf_page_end", "shown_metadata")
STANDS = (
    "state", "state_changed_at", "trouble", "trouble_detail", "next_try_at", "lease", "lease_until", "handed_over_at",
    "attempts", "crashes", "looks", "decision", "decided_by", "cancel_requested_at", "delete_requested_at",
    "deleted_at", "finished_at", "later_since", "pages_due_at", "evidence_due_at", "steps_seen",
)  # fmt: skip
ANSWER = (
    "remote_id", "other_remote_ids", "document_name", "document_url", "status", "extraction_step", "extraction_time",
    "credit_used", "classifier_result", "workflow", "workflow_session_id", "created_at", "unknown_fields",
    "shown_data", "shown_content", "shown_raw",
)  # fmt: skip
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


class AttemptInline(admin.TabularInline[Attempt, Extraction]):
    model = Attempt
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "number", "lease", "started_at", "handed_over_at", "ended_at", "outcome", "http_status", "remote_id", "detail",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Extraction | None = None) -> bool:
        return False


@admin.register(Extraction)
class ExtractionAdmin(Shown[Extraction]):
    list_display = (
        "name", "state", "trouble", "status", "schema", "server", "team", "owner", "credit_used", "received_at",
    )  # fmt: skip
    list_filter = (
        "state",
        "status",
        "trouble",
        "server",
        ("schema", admin.RelatedOnlyFieldListFilter),
        ("classifier", admin.RelatedOnlyFieldListFilter),
        ("team", admin.RelatedOnlyFieldListFilter),
        ("connection", admin.RelatedOnlyFieldListFilter),
        ("delete_requested_at", admin.EmptyFieldListFilter),
        "received_at",
    )
    search_fields = ("name", "remote_id", "sha256", "key")
    search_help_text = _("Name, id at the service, SHA-256 or key")
    list_select_related = ("schema", "team", "owner")
    ordering = ("-received_at", "-id")
    inlines = (AttemptInline,)
    actions = ("cancel", "try_again", "request_deletion")
    fieldsets = (
        (None, {"fields": ("name", "key", "team", "owner", "connection", "received_at")}),
        (_("The document"), {"fields": ("stored_as", "sha256", "size", "mime", "page_count")}),
        (_("What was asked"), {"fields": ASKED}),
        (_("Where it stands"), {"fields": STANDS}),
        (_("The API's answer"), {"fields": ANSWER}),
    )
    readonly_fields = ("stored_as", "shown_metadata", "shown_data", "shown_content", "shown_raw")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Extraction]:
        return super().get_queryset(request).defer(*HEAVY)

    @admin.display(description=_("file"))
    def stored_as(self, extraction: Extraction) -> str:
        """Where it lies, as text: files are served by the portal's own pages only, through the gate."""
        return extraction.document.name or "—"

    @admin.display(description=_("metadata"))
    def shown_metadata(self, extraction: Extraction) -> SafeString | str:
        return _block(extraction.metadata)

    @admin.display(description=_("extracted data"))
    def shown_data(self, extraction: Extraction) -> SafeString | str:
        return _block(extraction.extracted_data)

    @admin.display(description=_("text"))
    def shown_content(self, extraction: Extraction) -> SafeString | str:
        return _block(extraction.content)

    @admin.display(description=_("whole answer"))
    def shown_raw(self, extraction: Extraction) -> SafeString | str:
        return _block(extraction.raw)

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "delete")

    @admin.action(description=_("Cancel"), permissions=["repair"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        _each(self, request, rows, Extraction.cancel)

    @admin.action(description=_("Try again what was never taken"), permissions=["repair"])
    def try_again(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        """Only what costs nothing: a document that the service took once is sent again by its people, one by one."""
        _each(self, request, rows, Extraction.try_again)

    @admin.action(description=_("Delete, here and at the service"), permissions=["erase"])
    def request_deletion(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        _each(self, request, rows, Extraction.request_deletion)


@admin.register(Connection)
class ConnectionAdmin(Shown[Connection]):
    list_display = ("base_url", "embedded", "pause", "next_probe_at", "failures", "schemas_refreshed_at", "created_at")
    list_filter = ("pause", "embedded")
    search_fields = ("base_url",)
    ordering = ("-created_at",)
    actions = ("resume", "pause_by_hand", "refresh_schemas")

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")

    @admin.action(description=_("Resume sending"), permissions=["repair"])
    def resume(self, request: HttpRequest, rows: QuerySet[Connection]) -> None:
        _each(self, request, rows, Connection.resume)

    @admin.action(description=_("Pause sending"), permissions=["repair"])
    def pause_by_hand(self, request: HttpRequest, rows: QuerySet[Connection]) -> None:
        _each(self, request, rows, lambda row: row.pause_for(Connection.Pause.BY_HAND, until=None))

    @admin.action(description=_("Fetch the schemas again"), permissions=["repair"])
    def refresh_schemas(self, request: HttpRequest, rows: QuerySet[Connection]) -> None:
        _each(self, request, rows, Connection.want_refresh)


@admin.register(Schema)
class SchemaAdmin(Shown[Schema]):
    list_display = ("name", "connection", "updated_at", "refreshed_at", "missing_since")
    list_filter = ("connection", ("missing_since", admin.EmptyFieldListFilter))
    search_fields = ("name", "remote_id", "description")
    list_select_related = ("connection",)
    exclude = ("schema",)
    readonly_fields = ("shown_schema",)

    @admin.display(description=_("schema"))
    def shown_schema(self, row: Schema) -> SafeString | str:
        return _block(row.schema)


@admin.register(Classifier)
class ClassifierAdmin(admin.ModelAdmin[Classifier]):
    list_display = ("name", "remote_id", "connection", "entered_by_hand", "missing_since")
    list_filter = ("connection", "entered_by_hand")
    search_fields = ("name", "remote_id")
    list_select_related = ("connection",)
    readonly_fields = ("categories", "entered_by_hand", "missing_since")


class Piece(Shown[M]):
    """A row that belongs to one document."""

    list_select_related: ClassVar[tuple[str, ...]] = ("extraction",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return super().get_queryset(request).defer(*(f"extraction__{name}" for name in HEAVY))


@admin.register(ContentImage)
class ContentImageAdmin(Piece[ContentImage]):
    list_display = ("extraction", "position", "name", "mime", "trouble")
    fields = ("extraction", "position", "remote_id", "name", "url", "mime", "trouble")
    list_filter = ("mime", ("file", admin.EmptyFieldListFilter))
    search_fields = ("extraction__name", "name")


@admin.register(PageImage)
class PageImageAdmin(Piece[PageImage]):
    list_display = ("extraction", "number", "width", "height")
    fields = ("extraction", "number", "width", "height")
    search_fields = ("extraction__name",)


@admin.register(Value)
class ValueAdmin(Piece[Value]):
    list_display = ("extraction", "path", "text", "page")
    list_filter = (("page", admin.EmptyFieldListFilter),)
    search_fields = ("path", "text", "extraction__name")


def _each(page: admin.ModelAdmin[Any], request: HttpRequest, rows: Iterable[M], verb: Callable[[M], bool]) -> None:
    """Do it with every row, and tell how often it happened and how often it could not."""
    answers = [verb(row) for row in rows]
    done, not_done = answers.count(True), answers.count(False)
    if done:
        ring()
        page.message_user(request, ngettext("%d row changed.", "%d rows changed.", done) % done, messages.SUCCESS)
    if not_done:
        words = ngettext("%d row could not be changed in its state.", "%d rows could not be changed.", not_done)
        page.message_user(request, words % not_done, messages.WARNING)


def _block(value: object) -> SafeString | str:
    """Long text or JSON as it is, cut where a browser would choke."""
    if value is None:
        return "—"
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False)
    return format_html("<pre>{}</pre>", text[:LONGEST])
