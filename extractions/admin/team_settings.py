"""What teams set up for themselves on their pages: budgets, presets, rules and tags."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from extractions.admin.base import ReadOnlyAdmin, preformatted
from extractions.models import Budget, Preset, Rule, Tag


@admin.register(Budget)
class BudgetAdmin(ReadOnlyAdmin[Budget]):
    list_display = ("team", "cap", "warn_at")
    search_fields = ("team__name",)
    list_select_related = ("team",)
    ordering = ("team__name",)


@admin.register(Preset)
class PresetAdmin(ReadOnlyAdmin[Preset]):
    list_display = ("name", "team", "owner", "connection", "schema", "classifier", "server")
    list_filter = ("server", ("team", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "team__name", "owner__email", "schema__name")
    list_select_related = ("team", "owner", "connection", "schema", "classifier")
    exclude = ("metadata",)
    readonly_fields = ("formatted_metadata",)

    @admin.display(description=_("metadata"))
    def formatted_metadata(self, preset: Preset) -> SafeString | str:
        return preformatted(preset.metadata)


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin[Rule]):
    list_display = ("text", "team", "schema", "author", "created_at")
    list_filter = (("team", admin.RelatedOnlyFieldListFilter), ("schema", admin.RelatedOnlyFieldListFilter))
    search_fields = ("text", "message", "team__name", "schema__name")
    list_select_related = ("team", "schema", "author")
    ordering = ("-created_at", "-pk")


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin[Tag]):
    list_display = ("name", "team", "document_count")
    list_filter = (("team", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("name", "team__name")
    list_select_related = ("team",)
    readonly_fields = ("document_count",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(document_count=Count("taggings"))

    @admin.display(description=_("documents"), ordering="document_count")
    def document_count(self, tag: Tag) -> int:
        count: int = tag.document_count  # type: ignore[attr-defined]  # annotated above
        return count
