"""Abstract models with the review columns of documents and values, and the rule for a value's review status."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from extractions.models.ordered_json import OrderedJSONField
from portal.people.models import User


class ReviewStatus(models.TextChoices):
    """The review status of a value."""

    IDLE = "", _("Empty, and may be")
    NEEDS_YOU = "needs_you", _("Needs you")
    BROKEN = "broken", _("Rule broken")
    ON_PAGE = "on_page", _("Stands on the page")
    BY_EVIDENCE = "by_evidence", _("Confirmed by evidence")
    BY_PERSON = "by_person", _("Confirmed by a person")
    CORRECTED = "corrected", _("Corrected")


UNSURE = (ReviewStatus.NEEDS_YOU, ReviewStatus.ON_PAGE)
"""Statuses of values that nobody has looked at and that evidence does not confirm."""
FOUND = frozenset({"exact", "normalised"})


def derive_review_status(
    *,
    evidence: str,
    broken: Sequence[object] = (),
    answer: str = "",
    corrected: bool = False,
    confirmed: bool = False,
    empty: bool = False,
    expected: bool = False,
    likely: bool = False,
) -> ReviewStatus:
    """A broken rule takes precedence, then a person, then evidence; without either, the value needs review.

    `expected` tells that an empty value should be there; `likely` that evidence makes it as sure as the team wants.
    """
    if broken:
        return ReviewStatus.BROKEN
    if corrected and not answer:
        return ReviewStatus.CORRECTED
    if answer or confirmed or corrected:
        return ReviewStatus.BY_PERSON
    if empty:
        return ReviewStatus.NEEDS_YOU if expected else ReviewStatus.IDLE
    if likely:
        return ReviewStatus.BY_EVIDENCE
    return ReviewStatus.ON_PAGE if evidence in FOUND else ReviewStatus.NEEDS_YOU


class ReviewableValue(models.Model):
    """Review columns of a value. `extracted` never changes; `text`, `number` and `date` follow edits."""

    class Answer(models.TextChoices):
        NONE = "", _("A value")
        ILLEGIBLE = "illegible", _("Illegible")
        ABSENT = "absent", _("Not in the document")

    typed = OrderedJSONField(_("as a person gave it"), null=True, blank=True)
    corrected = models.BooleanField(_("corrected"), default=False)
    answer = models.CharField(_("answer"), max_length=20, choices=Answer.choices, blank=True)
    standing = models.CharField(_("standing"), max_length=20, choices=ReviewStatus.choices, blank=True)
    initial_standing = models.CharField(  # noqa: DJ001 - null: from before it was kept
        _("standing before review"), max_length=20, choices=ReviewStatus.choices, null=True, blank=True
    )
    """What the mark said before a person decided; null for values from before that was kept."""
    required = models.BooleanField(_("required"), default=False)
    """By the schema."""
    expected = models.BooleanField(_("usually there"), default=False)
    """By documents of this kind, though the schema does not require it."""
    confirmed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    typed_on_page = models.BooleanField(_("what was typed stands on the page"), null=True, blank=True)
    """Of a correction; unknown until it was looked for."""
    place_drawn = models.BooleanField(_("place marked by a person"), default=False)
    removed = models.BooleanField(_("removed with its row"), default=False)
    """Denormalised from the document's `row_edits`, for queries."""
    version = models.PositiveIntegerField(_("version"), default=0)
    """Incremented by every edit: optimistic locking."""

    class Meta:
        abstract = True


class ReviewableExtraction(models.Model):
    """Review columns of a document."""

    class Review(models.TextChoices):
        NONE = "", _("Nothing to review")
        WAITING = "waiting", _("To review")
        POSTPONED = "postponed", _("Postponed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    review_state = models.CharField(_("review"), max_length=20, choices=Review.choices, blank=True)
    needs = models.PositiveIntegerField(_("values that need somebody"), default=0)
    broken_count = models.PositiveIntegerField(_("values that break a rule"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=30, decimal_places=10, null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    assigned_to = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="assigned", verbose_name=_("assigned to")
    )
    claimed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="claimed", verbose_name=_("in the hands of")
    )
    claimed_at = models.DateTimeField(_("taken"), null=True, blank=True)
    claimed_until = models.DateTimeField(_("held until"), null=True, blank=True)
    second_wanted = models.BooleanField(_("wants a second person"), default=False)
    first_approved_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("first approved by")
    )
    last_changed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("values last changed by")
    )
    approved_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="approved", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("review ended by")
    )
    reviewed_at = models.DateTimeField(_("review ended"), null=True, blank=True)
    override_reason = models.CharField(_("why it was approved all the same"), max_length=500, blank=True)
    reject_reason = models.CharField(_("why it was rejected"), max_length=500, blank=True)
    unjudged_rules = models.JSONField(
        _("rules that could not be judged"), null=True, blank=True, help_text='[{"text", "code", "part"}]'
    )
    printed_adjustments = models.JSONField(
        _("printed allowances, charges and the like"), default=list, blank=True, help_text=_("amounts, as texts")
    )
    row_edits = models.JSONField(_("rows added and removed"), default=dict, blank=True)
    """{"added": {list: count}, "removed": [row, ...]}; see `result.rows`."""
    revision = models.PositiveIntegerField(_("revision of the values"), default=0)
    """Incremented by every write to the values, so that work prepared outside a transaction is seen to be stale."""

    class Meta:
        abstract = True
