"""Connections, schemas and classifiers."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from extractions.admin.base import ReadOnlyAdmin, apply_to_each, preformatted
from extractions.models import Classifier, Connection, Schema
from portal.audit.recording import Action, record
from portal.model_admin import BaseModelAdmin


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin[Connection]):
    list_display = ("base_url", "embedded", "pause", "next_probe_at", "failures", "schemas_refreshed_at", "created_at")
    list_filter = ("pause", "embedded")
    search_fields = ("base_url",)
    ordering = ("-created_at",)
    actions = ("resume", "pause_by_hand", "refresh_schemas")

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")

    @admin.action(description=_("Resume sending"), permissions=["repair"])
    def resume(self, request: HttpRequest, rows: QuerySet[Connection]) -> None:
        apply_to_each(self, request, rows, lambda row: _record_if(row, Action.RESUMED, row.resume()))

    @admin.action(description=_("Pause sending"), permissions=["repair"])
    def pause_by_hand(self, request: HttpRequest, rows: QuerySet[Connection]) -> None:
        by_hand = Connection.Pause.BY_HAND
        apply_to_each(
            self, request, rows, lambda row: _record_if(row, Action.PAUSED, row.pause_for(by_hand, until=None))
        )

    @admin.action(description=_("Fetch the schemas again"), permissions=["repair"])
    def refresh_schemas(self, request: HttpRequest, rows: QuerySet[Connection]) -> None:
        apply_to_each(self, request, rows, Connection.request_refresh)


def _record_if(row: Connection, action: Action, happened: bool) -> bool:
    """Log who paused or resumed, as the worker page does."""
    if happened:
        record(action, row)
    return happened


@admin.register(Schema)
class SchemaAdmin(ReadOnlyAdmin[Schema]):
    list_display = ("name", "connection", "updated_at", "refreshed_at", "missing_since")
    list_filter = ("connection", ("missing_since", admin.EmptyFieldListFilter))
    search_fields = ("name", "remote_id", "description")
    list_select_related = ("connection",)
    exclude = ("schema",)
    readonly_fields = ("formatted_schema",)

    @admin.display(description=_("schema"))
    def formatted_schema(self, row: Schema) -> SafeString | str:
        return preformatted(row.schema)


@admin.register(Classifier)
class ClassifierAdmin(BaseModelAdmin[Classifier]):
    list_display = ("name", "remote_id", "connection", "entered_by_hand", "missing_since")
    list_filter = ("connection", "entered_by_hand")
    search_fields = ("name", "remote_id")
    list_select_related = ("connection",)
    readonly_fields = ("categories", "entered_by_hand", "missing_since")
