"""Documents: columns, values with their evidence, history and attempts, and actions that call the models' verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from extractions.admin.base import ReadOnlyAdmin, ReadOnlyInline, apply_to_each, preformatted
from extractions.exports.exported import log_export
from extractions.exports.making import Stream
from extractions.models import Attempt, Change, Extraction, Value
from extractions.models.extraction_queryset import LARGE_COLUMNS
from extractions.review import review_queue
from extractions.review.review_queue import Refusal, Refused
from portal.parameters import row_id
from portal.people.models import User

REQUEST = ("schema", "classifier", "server", "pdf_page_start", "pdf_page_end", "formatted_metadata")
PROGRESS = (
    "state", "state_changed_at", "error_code", "error_detail", "next_try_at", "lease", "lease_until", "held_by",
    "handed_over_at", "attempts", "crashes", "search_misses", "decision", "decided_by", "cancel_requested_at",
    "delete_requested_at", "deleted_at", "finished_at", "retrying_since", "pages_due_at", "evidence_due_at",
    "steps_seen",
)  # fmt: skip
REVIEW = (
    "review_state", "needs", "broken_count", "amount", "due_on", "assigned_to", "claimed_by", "claimed_at",
    "claimed_until", "second_wanted", "first_approved_by",
    "last_changed_by", "approved_by", "approved_at", "reviewed_by", "reviewed_at",
    "override_reason", "reject_reason",
)  # fmt: skip
RESPONSE = (
    "remote_id", "other_remote_ids", "document_name", "document_url", "status", "extraction_step", "extraction_time",
    "credits_expected", "credit_used", "classifier_result", "workflow", "workflow_session_id", "created_at",
    "unknown_fields", "formatted_data", "formatted_content", "formatted_raw",
)  # fmt: skip
MAX_INLINE_VALUES = 300  # on a document's page; the list of values shows any number
MAX_REASON_LENGTH = 500


class ErrorCodeFilter(admin.AllValuesFieldListFilter):
    """Error codes in use. The empty code is left out: its link would have no text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lookup_choices = self.lookup_choices.exclude(error_code="")


class NeedsFilter(admin.SimpleListFilter):
    """Documents that need attention, by reason."""

    title = _("needs review")
    parameter_name = "needs_review"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [
            ("needs", _("values still need review")),
            ("broken", _("rules are broken")),
            ("none", _("nothing open")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Extraction]) -> QuerySet[Extraction]:
        waiting = queryset.filter(review_state=Extraction.Review.WAITING)
        match self.value():
            case "needs":
                return waiting.filter(needs__gt=0)
            case "broken":
                return waiting.filter(broken_count__gt=0)
            case "none":
                return waiting.filter(needs=0, broken_count=0)
        return queryset


class ReviewActionForm(ActionForm):
    """Further inputs of the review actions."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=MAX_REASON_LENGTH)
    person = forms.ModelChoiceField(User.objects.filter(is_active=True), label=_("Person"), required=False)


class ValueRows(ReadOnlyInline):
    model = Value
    fields = readonly_fields = (
        "path", "text", "evidence", "evidence_text", "page", "standing", "answer", "corrected", "confirmed_by",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("confirmed_by")


class ChangeRows(ReadOnlyInline):
    model = Change
    ordering = ("-pk",)
    fields = readonly_fields = ("at", "author", "path", "kind", "before", "after", "undone_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("author", "undone_by")


class AttemptRows(ReadOnlyInline):
    model = Attempt
    fields = readonly_fields = (
        "number", "lease", "started_at", "handed_over_at", "ended_at", "outcome", "http_status", "remote_id", "detail",
    )  # fmt: skip


@admin.register(Extraction)
class ExtractionAdmin(ReadOnlyAdmin[Extraction]):
    list_display = (
        "name", "state", "review_state", "needs", "broken_count", "error_code", "schema", "server", "team", "owner",
        "assigned_to", "credit_used", "received_at",
    )  # fmt: skip
    list_filter = (
        "state",
        "review_state",
        NeedsFilter,
        "status",
        ("error_code", ErrorCodeFilter),
        "server",
        ("schema", admin.RelatedOnlyFieldListFilter),
        ("classifier", admin.RelatedOnlyFieldListFilter),
        ("team", admin.RelatedOnlyFieldListFilter),
        ("assigned_to", admin.RelatedOnlyFieldListFilter),
        ("connection", admin.RelatedOnlyFieldListFilter),
        ("delete_requested_at", admin.EmptyFieldListFilter),
        "received_at",
    )
    search_fields = ("name", "remote_id", "sha256", "key")
    search_help_text = _("Name, id at the service, SHA-256 or key")
    list_select_related = ("schema", "team", "owner", "assigned_to")
    ordering = ("-received_at", "-id")
    action_form = ReviewActionForm
    actions = ("cancel", "try_again", "approve", "reject", "reopen", "assign", "export_csv", "request_deletion")
    fieldsets = (
        (None, {"fields": ("name", "key", "team", "owner", "connection", "received_at")}),
        (_("The document"), {"fields": ("file_name", "sha256", "size", "mime", "page_count")}),
        (_("What was asked"), {"fields": REQUEST}),
        (_("Where it stands"), {"fields": PROGRESS}),
        (_("Review"), {"fields": REVIEW}),
        (_("The API's answer"), {"fields": RESPONSE}),
    )
    readonly_fields = ("file_name", "formatted_metadata", "formatted_data", "formatted_content", "formatted_raw")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Extraction]:
        return super().get_queryset(request).defer(*LARGE_COLUMNS)

    def get_inlines(self, request: HttpRequest, obj: Extraction | None = None) -> list[type[Any]]:
        few = obj is not None and obj.values.count() <= MAX_INLINE_VALUES
        return [*([ValueRows] if few else []), ChangeRows, AttemptRows]

    @admin.display(description=_("file"))
    def file_name(self, extraction: Extraction) -> str:
        """The path as text: files are served only by the portal's own views, after an access check."""
        return extraction.document.name or "—"

    @admin.display(description=_("metadata"))
    def formatted_metadata(self, extraction: Extraction) -> SafeString | str:
        return preformatted(extraction.metadata)

    @admin.display(description=_("extracted data"))
    def formatted_data(self, extraction: Extraction) -> SafeString | str:
        return preformatted(extraction.extracted_data)

    @admin.display(description=_("text"))
    def formatted_content(self, extraction: Extraction) -> SafeString | str:
        return preformatted(extraction.content)

    @admin.display(description=_("whole answer"))
    def formatted_raw(self, extraction: Extraction) -> SafeString | str:
        return preformatted(extraction.raw)

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "delete")

    @admin.action(description=_("Cancel"), permissions=["repair"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        apply_to_each(self, request, rows, Extraction.cancel)

    @admin.action(description=_("Retry what was never accepted"), permissions=["repair"])
    def try_again(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        """Only where it is free: what the service accepted once is sent again by its team, one by one."""
        apply_to_each(self, request, rows, Extraction.try_again)

    @admin.action(description=_("Approve (with a reason, even if values are still open)"), permissions=["repair"])
    def approve(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        person, reason = _person(request), request.POST.get("reason", "")
        self._review(request, rows, lambda row: bool(review_queue.approve(row, person, override=reason)))

    @admin.action(description=_("Reject, with a reason"), permissions=["repair"])
    def reject(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        person, reason = _person(request), request.POST.get("reason", "")
        self._review(request, rows, lambda row: review_queue.reject(row, person, reason))

    @admin.action(description=_("Reopen the review"), permissions=["repair"])
    def reopen(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        person = _person(request)
        self._review(request, rows, lambda row: review_queue.reopen(row, person))

    @admin.action(description=_("Assign to the person, or to nobody"), permissions=["repair"])
    def assign(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        raw_id = request.POST.get("person", "")
        to = User.objects.filter(pk=row_id(raw_id) or 0, is_active=True).first()
        self._review(request, rows, lambda row: review_queue.assign(row, to))

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, rows: QuerySet[Extraction]) -> HttpResponseBase:
        chosen = list(rows.filter(delete_requested_at__isnull=True).values_list("pk", "team"))
        numbers, teams = [pk for pk, _team in chosen], sorted({team for _pk, team in chosen})
        log_export("csv", numbers)
        lines = Stream("csv", numbers, teams, ",", _ignore_progress)
        response = StreamingHttpResponse(iter(lines), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="documents-{localdate():%Y-%m-%d}.csv"'
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @admin.action(description=_("Delete, here and at the service"), permissions=["erase"])
    def request_deletion(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        apply_to_each(self, request, rows, Extraction.request_deletion)

    def _review(self, request: HttpRequest, rows: QuerySet[Extraction], verb: Callable[[Extraction], bool]) -> None:
        """Like `apply_to_each`, but reports why the review refused rows."""
        refused: dict[Refusal, int] = {}

        def attempt(row: Extraction) -> bool:
            try:
                return verb(row)
            except Refused as error:
                refused[error.code] = refused.get(error.code, 0) + 1
                return False

        apply_to_each(self, request, rows, attempt)
        for code, count in refused.items():
            words = ngettext("%(count)d row: %(why)s", "%(count)d rows: %(why)s", count)
            parameters = {"count": count, "why": REFUSALS.get(code, code)}
            self.message_user(request, words % parameters, messages.WARNING)


REFUSALS = {
    Refusal.NO_REASON: _("a reason is needed."),
    Refusal.ENDED: _("the review has ended, or there is nothing to review."),
    Refusal.BEING_GROUNDED: _("its values are still being looked for in the document."),
    Refusal.SAME_PERSON: _("you have already approved it; another person has to approve it."),
    Refusal.CHANGED_LAST: _("You made the last change to a value; the second approval has to come from somebody else."),
    Refusal.NEEDS_ATTENTION: _("values still need review. Give a reason to approve all the same."),
    Refusal.SAME_INVOICE: _("it looks like an invoice that is there already. Give a reason to approve all the same."),
    Refusal.NOT_THEIRS: _("this person may not review documents of that team."),
}


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError(request.user)
    return request.user


def _ignore_progress(count: int) -> None:
    """A direct download reports no progress."""
