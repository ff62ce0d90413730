"""Webhooks and their log in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from extractions.models import Extraction, Webhook, WebhookAttempt, WebhookMessage
from extractions.models.webhook import TEST
from extractions.presentation.document.badges import Badge
from portal.people.models import Team, User

State = WebhookMessage.State
PAGE = 50


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message, its attempts, and its document if this person may see it."""

    message: WebhookMessage
    tries: Sequence[WebhookAttempt]
    document: Extraction | None

    @property
    def last(self) -> WebhookAttempt | None:
        return self.tries[-1] if self.tries else None

    @property
    def badge(self) -> Badge:
        label = self.message.get_state_display()
        match self.message.state:
            case State.DELIVERED:
                return Badge("ok", "check", label)
            case State.GIVEN_UP:
                return Badge("failed", "circle-x", label)
        return Badge("need", "clock", label) if self.tries else Badge("", "clock", label)

    @property
    def content_shown(self) -> bool:
        """Bodies are about a document, and shown to whoever may see that."""
        return self.message.extraction_id is None or self.document is not None


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """A webhook and how it does."""

    webhook: Webhook
    waiting: int
    given_up: int
    delivered_at: object

    @property
    def badge(self) -> Badge:
        return health_of(self.webhook)


class WebhookLog:
    """The messages of a webhook, newest first, `PAGE` at a time."""

    def __init__(self, webhook: Webhook, person: User, *, state: str = "", before: str = "") -> None:
        self.webhook, self.person = webhook, person
        self.state = state if state in State.values else ""
        self.before = int(before) if before.isdecimal() and len(before) < 19 else None

    @cached_property
    def lines(self) -> list[MessageLine]:
        rows = WebhookMessage.objects.filter(webhook=self.webhook)
        if self.state:
            rows = rows.filter(state=self.state)
        if self.before is not None:
            rows = rows.filter(pk__lt=self.before)
        return lines_of(rows.order_by("-pk")[: PAGE + 1], self.person)

    @property
    def shown(self) -> list[MessageLine]:
        return self.lines[:PAGE]

    @property
    def next(self) -> int | None:
        """Where the next page begins."""
        return self.lines[PAGE - 1].message.pk if len(self.lines) > PAGE else None

    @cached_property
    def counts(self) -> dict[str, int]:
        rows = WebhookMessage.objects.filter(webhook=self.webhook).order_by().values_list("state")
        return dict(rows.annotate(count=Count("pk")))

    @property
    def tabs(self) -> list[tuple[str, str, int]]:
        found = [("", _("All"), sum(self.counts.values()))]
        return found + [(str(state), str(state.label), self.counts.get(state, 0)) for state in State]

    @property
    def given_up(self) -> int:
        return WebhookMessage.objects.filter(webhook=self.webhook, state=State.GIVEN_UP).exclude(event=TEST).count()

    @property
    def is_live(self) -> bool:
        """Whether something may happen within the next seconds."""
        waiting = WebhookMessage.objects.filter(webhook=self.webhook, state=State.WAITING)
        return (waiting.filter(event=TEST) if self.webhook.pause else waiting).exists()


def lines_of(messages: QuerySet[WebhookMessage], person: User) -> list[MessageLine]:
    rows = list(messages.defer("body").prefetch_related(Prefetch("tries", WebhookAttempt.objects.order_by("pk"))))
    numbers = {row.extraction_id for row in rows if row.extraction_id is not None}
    visible = Extraction.objects.visible_to(person).filter(pk__in=numbers).only("pk", "key", "name").in_bulk()
    return [MessageLine(row, list(row.tries.all()), visible.get(row.extraction_id or 0)) for row in rows]


def webhooks_of(team: Team) -> list[WebhookLine]:
    rows = Webhook.objects.filter(team=team).annotate(
        waiting=Count("messages", Q(messages__state=State.WAITING)),
        given_up=Count("messages", Q(messages__state=State.GIVEN_UP)),
        delivered_at=Max("messages__ended_at", filter=Q(messages__state=State.DELIVERED)),
    )
    return [WebhookLine(row, *(getattr(row, name) for name in ("waiting", "given_up", "delivered_at"))) for row in rows]


def health_of(webhook: Webhook) -> Badge:
    """Whether it works; the state of the receiver, not of one message."""
    pause = str(webhook.get_pause_display())
    if webhook.pause == Webhook.Pause.BY_HAND:
        return Badge("", "pause", pause)
    if webhook.pause:
        return Badge("failed", "triangle-alert", pause)
    if webhook.failing_since is not None:
        return Badge("need", "triangle-alert", _("Fails, and is tried again"))
    return Badge("", "check", pause)
