"""Review data: change history, comments, presence and personal preferences."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.extraction import Extraction
from extractions.models.ordered_json import OrderedJSONField
from portal.people.models import User

PRESENCE_LIFETIME = timedelta(seconds=45)


class Change(models.Model):
    """One change to a value, or to a row of a list; immutable except for `undone_by`.

    `before` and `after` hold what a person can change: value, answer, confirmation and bounding boxes.
    """

    class Kind(models.TextChoices):
        SET = "set", _("Changed")
        CONFIRM = "confirm", _("Confirmed")
        ILLEGIBLE = "illegible", _("Illegible")
        ABSENT = "absent", _("Not in the document")
        REVERT = "revert", _("Back to the extracted value")
        PLACE = "place", _("Place marked")
        ADD = "add", _("Row added")
        REMOVE = "remove", _("Row removed")
        UNDO = "undo", _("Undone")
        REDO = "redo", _("Done again")
        WITHDRAW = "withdraw", _("First approval withdrawn")

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="changes", verbose_name=_("extraction"))
    path = models.CharField(_("path"), max_length=1000)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    before = OrderedJSONField(_("before"), null=True, blank=True)
    after = OrderedJSONField(_("after"), null=True, blank=True)
    batch = models.UUIDField(_("done together"), null=True, blank=True)
    """Shared by changes made in one action, such as pasting, which are undone together."""
    of = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("undoes"))
    undone_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ("pk",)
        indexes = (models.Index(fields=("extraction", "author", "-id"), name="change_of_author"),)

    def __str__(self) -> str:
        return f"{self.path}: {self.get_kind_display()}"

    @property
    def changes_value(self) -> bool:
        """Whether the data changed; confirming or marking a place does not count."""
        before, after = self.before or {}, self.after or {}
        return any(before.get(part) != after.get(part) for part in ("value", "answer", "removed"))


class Comment(models.Model):
    """An immutable remark on a document, visible to everyone who can open it."""

    LONGEST = 2000

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="comments", verbose_name=_("extraction"))
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    text = models.TextField(_("text"), max_length=LONGEST)
    path = models.CharField(_("field"), max_length=1000, blank=True)
    """What it is about; empty for the whole document."""
    mentioned = models.JSONField(_("mentioned"), default=list, blank=True)
    """The names as they stand in the text behind an @."""

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"


class PresenceQuerySet(models.QuerySet["Presence"]):
    def now(self) -> Self:
        return self.filter(seen_at__gt=timezone.now() - PRESENCE_LIFETIME)


class Presence(models.Model):
    """A person with the document open for review, and their focused field."""

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="presences", verbose_name=_("extraction"))
    person = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    path = models.CharField(_("field"), max_length=1000, blank=True)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = (models.UniqueConstraint(fields=("extraction", "person"), name="one_presence_per_person"),)

    def __str__(self) -> str:
        return f"{self.person}: {self.extraction}"


class ReviewHabits(models.Model):
    """A person's review preferences: shortcuts and queue order."""

    class Order(models.TextChoices):
        URGENT = "urgent", _("Due soon, then most to answer")
        NEEDS = "needs", _("Most to answer first")
        AGE = "age", _("Oldest first")
        DUE = "due", _("Due first")
        AMOUNT = "amount", _("Highest amount first")
        EVIDENCE = "evidence", _("Lowest evidence first")

    person = models.OneToOneField(User, models.CASCADE, related_name="review_habits", verbose_name=_("person"))
    keys = models.JSONField(_("keys"), default=dict, blank=True, help_text=_("Action and its key, where it differs"))
    letters_off = models.BooleanField(_("no single letters"), default=False)
    order = models.CharField(_("order"), max_length=20, choices=Order.choices, default=Order.URGENT)

    class Meta:
        verbose_name = _("review habits")
        verbose_name_plural = _("review habits")

    def __str__(self) -> str:
        return str(self.person)
