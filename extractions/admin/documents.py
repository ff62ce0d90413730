"""Documents: all of their columns, their values with the evidence, their history, and the verbs of the product."""

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

from extractions.admin.shown import Rows, Shown, block, each
from extractions.exports.layout import layout_of
from extractions.exports.text import csv_of
from extractions.models import Attempt, Change, Extraction, Value
from extractions.models.extraction import HEAVY
from extractions.services import reviewing
from portal.audit.recording import Action, record
from portal.people.models import User

ASKED = ("schema", "classifier", "server", "pdf_page_start", "pdf_page_end", "shown_metadata")
STANDS = (
    "state", "state_changed_at", "trouble", "trouble_detail", "next_try_at", "lease", "lease_until", "held_by",
    "handed_over_at", "attempts", "crashes", "looks", "decision", "decided_by", "cancel_requested_at",
    "delete_requested_at", "deleted_at", "finished_at", "later_since", "pages_due_at", "evidence_due_at", "steps_seen",
)  # fmt: skip
REVIEW = (
    "review_state", "needs", "broken_count", "amount", "due_on", "assigned_to", "claimed_by", "claimed_at",
    "claimed_until", "second_wanted", "first_approved_by", "approved_by", "approved_at", "reviewed_by", "reviewed_at",
    "override_reason", "reject_reason",
)  # fmt: skip
ANSWER = (
    "remote_id", "other_remote_ids", "document_name", "document_url", "status", "extraction_step", "extraction_time",
    "credits_expected", "credit_used", "classifier_result", "workflow", "workflow_session_id", "created_at",
    "unknown_fields", "shown_data", "shown_content", "shown_raw",
)  # fmt: skip
MOST_VALUES = 300  # beside their document; more are in the list of values
LONGEST_REASON = 500


class TroubleFilter(admin.AllValuesFieldListFilter):
    """The troubles that there are; none is no choice, for its link would have no words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lookup_choices = self.lookup_choices.exclude(trouble="")


class NeedsFilter(admin.SimpleListFilter):
    """What somebody has to look at, and why."""

    title = _("needs review")
    parameter_name = "needs_review"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("needs", _("values need somebody")), ("broken", _("rules are broken")), ("none", _("nothing open"))]

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


class Deed(ActionForm):
    """What some actions ask for beside the rows."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=LONGEST_REASON)
    person = forms.ModelChoiceField(User.objects.filter(is_active=True), label=_("Person"), required=False)


class ValueRows(Rows):
    model = Value
    fields = readonly_fields = (
        "path", "text", "evidence", "evidence_text", "page", "standing", "answer", "corrected", "confirmed_by",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("confirmed_by")


class ChangeRows(Rows):
    model = Change
    ordering = ("-pk",)
    fields = readonly_fields = ("at", "author", "path", "kind", "before", "after", "undone_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("author", "undone_by")


class AttemptRows(Rows):
    model = Attempt
    fields = readonly_fields = (
        "number", "lease", "started_at", "handed_over_at", "ended_at", "outcome", "http_status", "remote_id", "detail",
    )  # fmt: skip


@admin.register(Extraction)
class ExtractionAdmin(Shown[Extraction]):
    list_display = (
        "name", "state", "review_state", "needs", "broken_count", "trouble", "schema", "server", "team", "owner",
        "assigned_to", "credit_used", "received_at",
    )  # fmt: skip
    list_filter = (
        "state",
        "review_state",
        NeedsFilter,
        "status",
        ("trouble", TroubleFilter),
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
    action_form = Deed
    actions = ("cancel", "try_again", "approve", "reject", "reopen", "assign", "export_csv", "request_deletion")
    fieldsets = (
        (None, {"fields": ("name", "key", "team", "owner", "connection", "received_at")}),
        (_("The document"), {"fields": ("stored_as", "sha256", "size", "mime", "page_count")}),
        (_("What was asked"), {"fields": ASKED}),
        (_("Where it stands"), {"fields": STANDS}),
        (_("Review"), {"fields": REVIEW}),
        (_("The API's answer"), {"fields": ANSWER}),
    )
    readonly_fields = ("stored_as", "shown_metadata", "shown_data", "shown_content", "shown_raw")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Extraction]:
        return super().get_queryset(request).defer(*HEAVY)

    def get_inlines(self, request: HttpRequest, obj: Extraction | None = None) -> list[type[Any]]:
        few = obj is not None and obj.values.count() <= MOST_VALUES
        return [*([ValueRows] if few else []), ChangeRows, AttemptRows]

    @admin.display(description=_("file"))
    def stored_as(self, extraction: Extraction) -> str:
        """Where it lies, as text: files are served by the portal's own pages only, through the gate."""
        return extraction.document.name or "—"

    @admin.display(description=_("metadata"))
    def shown_metadata(self, extraction: Extraction) -> SafeString | str:
        return block(extraction.metadata)

    @admin.display(description=_("extracted data"))
    def shown_data(self, extraction: Extraction) -> SafeString | str:
        return block(extraction.extracted_data)

    @admin.display(description=_("text"))
    def shown_content(self, extraction: Extraction) -> SafeString | str:
        return block(extraction.content)

    @admin.display(description=_("whole answer"))
    def shown_raw(self, extraction: Extraction) -> SafeString | str:
        return block(extraction.raw)

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "delete")

    @admin.action(description=_("Cancel"), permissions=["repair"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        each(self, request, rows, Extraction.cancel)

    @admin.action(description=_("Try again what was never taken"), permissions=["repair"])
    def try_again(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        """Only what costs nothing: a document that the service took once is sent again by its people, one by one."""
        each(self, request, rows, Extraction.try_again)

    @admin.action(description=_("Approve; with a reason also what is still open"), permissions=["repair"])
    def approve(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        person, reason = _person(request), request.POST.get("reason", "")
        self._review(request, rows, lambda row: bool(reviewing.approve(row, person, override=reason)))

    @admin.action(description=_("Reject, with a reason"), permissions=["repair"])
    def reject(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        person, reason = _person(request), request.POST.get("reason", "")
        self._review(request, rows, lambda row: reviewing.reject(row, person, reason))

    @admin.action(description=_("Reopen the review"), permissions=["repair"])
    def reopen(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        person = _person(request)
        self._review(request, rows, lambda row: reviewing.reopen(row, person))

    @admin.action(description=_("Assign to the person, or to nobody"), permissions=["repair"])
    def assign(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        number = request.POST.get("person", "")
        to = User.objects.filter(pk=number, is_active=True).first() if number.isdecimal() else None
        self._review(request, rows, lambda row: reviewing.assign(row, to))

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, rows: QuerySet[Extraction]) -> HttpResponseBase:
        chosen = list(rows.filter(delete_requested_at__isnull=True).values_list("pk", "team"))
        numbers, teams = [pk for pk, _team in chosen], sorted({team for _pk, team in chosen})
        for team in teams:
            record(Action.EXPORTED, team=team, after={"form": "csv", "documents": len(numbers), "search": "admin"})
        lines = csv_of(numbers, layout_of(numbers, teams), _not_counted)
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="documents-{localdate():%Y-%m-%d}.csv"'
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    @admin.action(description=_("Delete, here and at the service"), permissions=["erase"])
    def request_deletion(self, request: HttpRequest, rows: QuerySet[Extraction]) -> None:
        each(self, request, rows, Extraction.request_deletion)

    def _review(self, request: HttpRequest, rows: QuerySet[Extraction], verb: Callable[[Extraction], bool]) -> None:
        """As `each`, but what the review refuses is told with its reason."""
        refused: dict[str, int] = {}

        def tried(row: Extraction) -> bool:
            try:
                return verb(row)
            except reviewing.Refused as error:
                refused[error.code] = refused.get(error.code, 0) + 1
                return False

        each(self, request, rows, tried)
        for code, count in refused.items():
            words = ngettext("%(count)d row: %(why)s", "%(count)d rows: %(why)s", count)
            told = {"count": count, "why": REFUSALS.get(code, code)}
            self.message_user(request, words % told, messages.WARNING)


REFUSALS = {
    "no_reason": _("a reason is needed."),
    "ended": _("the review has ended, or there is nothing to review."),
    "being_checked": _("its values are still being looked for in the document."),
    "same_person": _("you approved it already; another person has to."),
    "red": _("values need somebody. Give a reason to approve all the same."),
    "not_theirs": _("this person may not review documents of that team."),
}


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError(request.user)
    return request.user


def _not_counted(count: int) -> None:
    """The browser sees the file grow."""
