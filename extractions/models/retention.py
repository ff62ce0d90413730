"""How long a team keeps what it deleted (the trash) and what it has finished with (retention)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from extractions.models.studio import SchemaPublication, StudioSchema
from portal.people.models import Team

MOST_DAYS = 36_500


class TrashPolicy(models.Model):
    """How long a team's deleted documents can be restored; without a row, TRASH_DAYS holds."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="trash_policy", verbose_name=_("team"))
    days = models.PositiveSmallIntegerField(_("days in the trash"), validators=[MaxValueValidator(3650)])

    class Meta:
        verbose_name = _("policy for the trash")
        verbose_name_plural = _("policies for the trash")

    def __str__(self) -> str:
        return f"{self.team}: {self.days}"


def trash_days(team: int) -> int:
    """How many days the team's trash keeps documents; 0 erases them at once."""
    own = TrashPolicy.objects.filter(team=team).values_list("days", flat=True).first()
    return int(settings.TRASH_DAYS) if own is None else own


def time_in_trash(team: int) -> timedelta:
    return timedelta(days=trash_days(team))


class RetentionRule(models.Model):
    """How long a team keeps documents of a schema once they are done with. Without an enabled rule, for ever.

    A rule holds for all versions of its schema. The one without a schema is for all documents whose schema has none of
    its own, enabled or not.
    """

    class Since(models.TextChoices):
        APPROVED = "approved", _("their approval")
        EXPORTED = "exported", _("their last export")

    team = models.ForeignKey(Team, models.CASCADE, related_name="retention_rules", verbose_name=_("team"))
    schema = models.ForeignKey(
        "extractions.Schema", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("schema")
    )
    since = models.CharField(_("counted from"), max_length=20, choices=Since.choices, default=Since.APPROVED)
    original_days = models.PositiveIntegerField(
        _("days until originals are erased"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )
    document_days = models.PositiveIntegerField(
        _("days until documents are erased"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )
    through_trash = models.BooleanField(_("through the trash"), default=True)
    enabled_at = models.DateTimeField(_("switched on"), null=True, blank=True)
    enabled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("switched on by")
    )

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        ordering = ("team", "pk")
        constraints = (
            models.UniqueConstraint(fields=("team", "schema"), name="one_retention_rule_per_schema"),
            models.UniqueConstraint(
                fields=("team",), condition=models.Q(schema__isnull=True), name="one_retention_rule_for_the_others"
            ),
            models.CheckConstraint(
                condition=models.Q(original_days__isnull=False) | models.Q(document_days__isnull=False),
                name="retention_rule_erases_something",
            ),
        )

    def __str__(self) -> str:
        return str(self.schema or _("All other documents"))

    @property
    def enabled(self) -> bool:
        return self.enabled_at is not None

    def schemas(self) -> set[int]:
        """Its schema with all versions of it, but for those that another rule is for."""
        if self.schema_id is None:
            return set()
        versions = schema_versions(self.team_id, self.schema_id)
        others = RetentionRule.objects.filter(team=self.team_id, schema__in=versions).exclude(pk=self.pk)
        taken = dict(others.values_list("pk", "schema"))
        # Of two rules for versions of one schema, the later one takes the versions that neither names.
        return {self.schema_id} if any(pk > self.pk for pk in taken) else versions - set(taken.values())


def schema_versions(team: int, *schemas: int) -> set[int]:
    """These schemas, and all that are published versions of the same schemas of the team."""
    studios = StudioSchema.objects.filter(team=team, versions__publications__schema__in=schemas)
    published = SchemaPublication.objects.filter(version__studio__in=studios, schema__isnull=False)
    return {*schemas, *published.values_list("schema", flat=True)}


def ruled_schemas(team: int, *, besides: int | None = None) -> set[int]:
    """All schemas for which the team has a rule that names one of their versions."""
    rules = RetentionRule.objects.filter(team=team, schema__isnull=False)
    if besides is not None:
        rules = rules.exclude(pk=besides)
    return schema_versions(team, *rules.values_list("schema", flat=True))
