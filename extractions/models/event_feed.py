"""What happened to a team's documents, in an order that programs can follow by polling without missing anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import connection, models, transaction
from django.db.models import F, Q
from django.db.models import Value as Literal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.people.models import Team

if TYPE_CHECKING:
    from extractions.models.extraction import Extraction

BATCH = 1000


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a feed. What comes later has a greater one."""

    batch: int = 0
    pk: int = 0


class DocumentEventQuerySet(models.QuerySet["DocumentEvent"]):
    def after(self, position: Position) -> Self:
        """In order. Phrased so that the index finds the start."""
        past = Q(batch__gt=position.batch) | Q(batch=position.batch, pk__gt=position.pk)
        return self.filter(past, batch__gte=position.batch).order_by("batch", "pk")


class DocumentEvent(models.Model):
    """One event. Its number does not tell when it became visible, for transactions end in another order than they
    begin; so readers are not given it before it has a batch (`EventFeed.sequence`)."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+", verbose_name=_("team"), db_index=False)
    extraction = models.ForeignKey("Extraction", models.CASCADE, related_name="events", verbose_name=_("extraction"))
    type = models.CharField(_("event"), max_length=40)
    happened_at = models.DateTimeField(_("happened"), default=timezone.now)
    state = models.CharField(_("state"), max_length=20)
    review_state = models.CharField(_("review"), max_length=20, blank=True)
    facts = models.JSONField(_("facts at that time"), default=dict)
    """Counts and codes, never content of the document."""
    batch = models.PositiveBigIntegerField(_("batch"), null=True, blank=True, editable=False)

    objects = DocumentEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event of a document")
        verbose_name_plural = _("events of documents")
        indexes = (
            models.Index(fields=("team", "batch", "id"), name="event_feed"),
            models.Index(fields=("team", "id"), name="event_unsequenced", condition=Q(batch__isnull=True)),
            models.Index(fields=("happened_at",), name="event_age"),
        )

    def __str__(self) -> str:
        return f"{self.type}, {self.extraction_id}"

    @property
    def position(self) -> Position:
        return Position(self.batch or 0, self.pk)


class EventFeed(models.Model):
    """How far the events of a team are in order, and which are forgotten."""

    team = models.OneToOneField(Team, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("team"))
    last_batch = models.PositiveBigIntegerField(_("last batch"), default=0)
    forgotten_batch = models.PositiveBigIntegerField(_("batch of the last event forgotten"), default=0)
    forgotten_event = models.PositiveBigIntegerField(_("last event forgotten"), default=0)

    class Meta:
        verbose_name = _("feed of events")
        verbose_name_plural = _("feeds of events")

    def __str__(self) -> str:
        return str(self.team)

    @property
    def forgotten(self) -> Position:
        return Position(self.forgotten_batch, self.forgotten_event)

    @classmethod
    def of(cls, team: Team) -> EventFeed:
        return cls.objects.get_or_create(team=team)[0]

    @classmethod
    def sequence(cls, team: Team) -> bool:
        """Order what has come in since; whether there may be more.

        The lock on the feed makes batches visible one after the other. Events of one document keep their order, for
        each is written under the lock on the document's row.
        """
        waiting = DocumentEvent.objects.filter(team=team, batch=None).order_by("pk")
        if not waiting.exists():
            return False
        cls.of(team)
        with transaction.atomic():
            feed = cls.objects.filter(team=team)
            feed.update(last_batch=F("last_batch") + 1)
            number = feed.values_list("last_batch", flat=True).get()
            chosen = list(waiting.values_list("pk", flat=True)[:BATCH])
            DocumentEvent.objects.filter(pk__in=chosen).update(batch=number)
        return len(chosen) == BATCH

    @classmethod
    def forget(cls, team: Team, before: datetime) -> int:
        """Delete events of before, at most a batch; readers that have not come so far are told."""
        with transaction.atomic():
            old = DocumentEvent.objects.filter(team=team, happened_at__lt=before, batch__isnull=False)
            chosen = [event.position for event in old.order_by("batch", "pk").only("pk", "batch")[:BATCH]]
            if chosen:
                last = max(chosen)
                feed = cls.objects.filter(team=team).filter(
                    Q(forgotten_batch__lt=last.batch) | Q(forgotten_batch=last.batch, forgotten_event__lt=last.pk)
                )
                feed.update(forgotten_batch=last.batch, forgotten_event=last.pk)
                DocumentEvent.objects.filter(pk__in=[position.pk for position in chosen]).delete()
        return len(chosen)


def end_of(team: Team) -> Position:
    """Where the feed ends now."""
    last = DocumentEvent.objects.filter(team=team, batch__isnull=False).order_by("batch", "pk").last()
    return max(EventFeed.of(team).forgotten, last.position if last else Position())


def note(documents: models.QuerySet[Extraction], event: str, at: datetime, facts: dict[str, object]) -> None:
    """One INSERT … SELECT, for there may be a hundred thousand documents."""
    rows = documents.order_by("pk").annotate(
        event_type=Literal(event, models.CharField()),
        event_at=Literal(at, models.DateTimeField()),
        event_facts=Literal(facts, models.JSONField()),
    )
    columns = ("team_id", "pk", "event_type", "event_at", "state", "review_state", "event_facts")
    sql, parameters = rows.values_list(*columns).query.sql_with_params()
    into = "(team_id, extraction_id, type, happened_at, state, review_state, facts)"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {DocumentEvent._meta.db_table} {into} {sql}", parameters)
