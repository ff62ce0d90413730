"""What people add to a document and its values when they answer for them. Columns, and the rule for a value's state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from extractions.models.ordered import OrderedJSONField
from portal.people.models import User


class Standing(models.TextChoices):
    """Where a value stands on its way to being trusted."""

    IDLE = "", _("Empty, and may be")
    NEEDS_YOU = "needs_you", _("Needs you")
    BROKEN = "broken", _("Rule broken")
    BY_EVIDENCE = "by_evidence", _("Confirmed by evidence")
    BY_PERSON = "by_person", _("Confirmed by a person")
    CORRECTED = "corrected", _("Corrected")


OPEN = (Standing.NEEDS_YOU, Standing.BROKEN)


def standing_of(
    *,
    evidence: str,
    broken: Sequence[Any] = (),
    answer: str = "",
    corrected: bool = False,
    confirmed: bool = False,
    empty: bool = False,
    required: bool = False,
) -> Standing:
    """A broken rule outweighs everything, a person outweighs evidence; nothing is trusted without one of the two."""
    if broken:
        return Standing.BROKEN
    if corrected and not answer:
        return Standing.CORRECTED
    if answer or confirmed or corrected:
        return Standing.BY_PERSON
    if empty:
        return Standing.NEEDS_YOU if required else Standing.IDLE
    return Standing.BY_EVIDENCE if evidence in {"exact", "normalised"} else Standing.NEEDS_YOU


class JudgedValue(models.Model):
    """The columns of a value that a person may touch. `extracted` stays as it was; `text`, `number`, `date` follow."""

    class Answer(models.TextChoices):
        NONE = "", _("A value")
        ILLEGIBLE = "illegible", _("Illegible")
        ABSENT = "absent", _("Not in the document")

    typed = OrderedJSONField(_("as a person gave it"), null=True, blank=True)
    corrected = models.BooleanField(_("corrected"), default=False)
    answer = models.CharField(_("answer"), max_length=20, choices=Answer.choices, blank=True)
    standing = models.CharField(_("standing"), max_length=20, choices=Standing.choices, blank=True)
    required = models.BooleanField(_("required"), default=False)
    confirmed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    place_drawn = models.BooleanField(_("place marked by a person"), default=False)
    removed = models.BooleanField(_("removed with its row"), default=False)
    version = models.PositiveIntegerField(_("version"), default=0)
    """Raised by every change by a person, so that two who change the same value notice."""

    class Meta:
        abstract = True


class JudgedExtraction(models.Model):
    """The columns of a document that its review is kept in."""

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

    class Meta:
        abstract = True


class SecondLook(models.Model):
    """When a document of a schema wants two people. 0 and empty: never."""

    second_first = models.PositiveIntegerField(_("the first so many documents"), default=0)
    second_share = models.PositiveSmallIntegerField(_("so many of a hundred"), default=0)
    second_above = models.DecimalField(_("amounts above"), max_digits=30, decimal_places=10, null=True, blank=True)

    class Meta:
        abstract = True
