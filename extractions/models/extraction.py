"""A document and its life cycle. The row is the job: it holds state, lease and due time."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions import clock, wakeup
from extractions.models.connection import Connection
from extractions.models.deletion import DeletableExtraction
from extractions.models.extraction_queryset import ExtractionQuerySet
from extractions.models.lifecycle import AT_REST, UNDERWAY, Decision, State, Status, Step
from extractions.models.notice import NoticeKind, notify
from extractions.models.options import Classifier, Schema, Server
from extractions.models.ordered_json import OrderedJSONField
from extractions.models.provenance import HasProvenance
from extractions.models.reviewable import ReviewableExtraction
from extractions.models.webhook import Event, publish
from portal.audit.recording import Action, recorded
from portal.people.models import Team, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from extractions.models.attempt import Attempt
    from extractions.models.evidence import PageWords
    from extractions.models.hold import LegalHold
    from extractions.models.parts import ContentImage, PageImage, Value
    from extractions.models.review import Change, Presence
    from extractions.models.search import MetadataPair, Tagging

EVENTS = {State.EXTRACTED: Event.FINISHED, State.FAILED: Event.FAILED, State.REJECTED: Event.FAILED}
"""What webhooks are told of a state, in the transaction that sets it."""
SHOWN = Q(delete_requested_at__isnull=True)
IN_TRASH = Q(erase_due_at__isnull=False)


class Extraction(ReviewableExtraction, DeletableExtraction, HasProvenance):
    """One document: its options, its progress and its result.

    Fields under "the API's response" have the API's names; `raw` is the unmodified response. `state` is the portal's
    own state machine, `status` the service's.
    """

    State = State
    Step = Step
    Status = Status
    Decision = Decision
    UNDERWAY = UNDERWAY
    AT_REST = AT_REST

    RESTING: ClassVar[dict[str, Any]] = {"next_try_at": None, "lease_until": None}
    UNTRIED: ClassVar[dict[str, Any]] = {
        "attempts": 0,
        "crashes": 0,
        "search_misses": 0,
        "error_code": "",
        "error_detail": "",
        "handed_over_at": None,
        "cancel_requested_at": None,
        "retrying_since": None,
        "lease_until": None,
        "original_missed_at": None,
        "original_misses": None,
    }

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    form_token = models.CharField(_("form token"), max_length=100, unique=True, null=True, editable=False)  # noqa: DJ001
    team = models.ForeignKey(Team, models.PROTECT, related_name="extractions", verbose_name=_("team"), db_index=False)
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="extractions", verbose_name=_("from")
    )
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="extractions", verbose_name=_("connection"))
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    # The document as received; immutable.
    name = models.CharField(_("document"), max_length=255)
    document = models.FileField(_("file"), max_length=300, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    mime = models.CharField(_("type"), max_length=100)
    page_count = models.PositiveIntegerField(_("pages"))

    # Options.
    schema = models.ForeignKey(
        Schema, models.PROTECT, null=True, blank=True, related_name="extractions", verbose_name=_("schema")
    )
    schema_version = models.CharField(_("version of the schema"), max_length=40, null=True, blank=True)  # noqa: DJ001
    """With which it was read (`models.studio.version_of`); null until then."""
    classifier = models.ForeignKey(
        Classifier, models.PROTECT, null=True, blank=True, related_name="extractions", verbose_name=_("classifier")
    )
    server = models.CharField(_("server"), max_length=20, choices=Server.choices)
    pdf_page_start = models.PositiveIntegerField(_("first page"), null=True, blank=True)
    pdf_page_end = models.PositiveIntegerField(_("last page"), null=True, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    routing: models.JSONField[Any, Any] = models.JSONField(_("why this server"), null=True, blank=True)
    """Why *Automatic* chose the server (`intake.routing`); null if a person or a setting did."""

    credits_expected = models.PositiveIntegerField(_("credits expected"), default=0)

    # Progress.
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.QUEUED)
    state_changed_at = models.DateTimeField(_("state since"), default=timezone.now)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error_detail = models.TextField(_("the service's words"), blank=True)
    lease = models.PositiveIntegerField(_("lease"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    held_by = models.CharField(_("held by"), max_length=120, blank=True)
    """The worker that last claimed it; meaningful only while the lease runs."""
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    crashes = models.PositiveIntegerField(_("workers lost"), default=0)
    """Crashes of isolated senders that held this document and no other."""
    suspected_at = models.DateTimeField(_("suspected since"), null=True, blank=True)
    """When a worker was lost while sending it; from then on it is sent in isolation until it gets through."""
    search_misses = models.PositiveIntegerField(_("searches without a hit"), default=0)
    decided_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decision = models.CharField(_("decision"), max_length=40, blank=True)
    cancel_requested_at = models.DateTimeField(_("cancelling"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    retrying_since = models.DateTimeField(_("failing to be sent since"), null=True, blank=True)
    original_missed_at = models.DateTimeField(_("original missing since"), null=True, blank=True)
    original_misses = models.PositiveSmallIntegerField(_("times the original was missing"), null=True, blank=True)
    """How often the file was missing while the store was reachable."""
    pages_due_at = models.DateTimeField(_("page images due"), null=True, blank=True)
    """When to render page images next, independently of sending; null once they are complete."""
    evidence_due_at = models.DateTimeField(_("evidence due"), null=True, blank=True)
    """When to ground the values next; null once that is done."""
    duplicate_search_at = models.DateTimeField(_("searched for duplicates"), null=True, blank=True)
    """When to search again for a key that was handed over more than once."""
    steps_seen = models.JSONField(_("steps seen"), default=dict, blank=True)
    """When each step was first observed: {"OCR": ISO time, ...}, and "END"."""
    unknown_fields = models.JSONField(_("fields we did not know"), default=list, blank=True)

    # The API's response.
    remote_id = models.CharField(_("id at the service"), max_length=100, blank=True, db_index=True)
    other_remote_ids = models.JSONField(_("further ids at the service: paid twice"), default=list, blank=True)
    document_name = models.CharField(_("document name"), max_length=500, null=True, blank=True)  # noqa: DJ001
    document_url = models.TextField(_("document URL"), blank=True)
    status = models.CharField(_("status"), max_length=100, blank=True)
    extraction_step = models.CharField(_("step"), max_length=100, blank=True)
    extraction_time = models.FloatField(_("seconds"), null=True, blank=True)
    credit_used = models.IntegerField(_("credits"), null=True, blank=True)
    classifier_result = models.CharField(_("classified as"), max_length=500, null=True, blank=True)  # noqa: DJ001
    workflow = models.CharField(_("workflow"), max_length=100, null=True, blank=True)  # noqa: DJ001
    workflow_session_id = models.BigIntegerField(_("workflow session"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at the service"), null=True, blank=True)
    content = models.TextField(_("text"), null=True, blank=True)  # noqa: DJ001 - null is not empty: the API says which
    extracted_data = OrderedJSONField(_("extracted data"), null=True, blank=True)
    raw = OrderedJSONField(_("whole answer"), null=True, blank=True)

    objects = ExtractionQuerySet.as_manager()

    if TYPE_CHECKING:
        tries: RelatedManager[Attempt]
        content_images: RelatedManager[ContentImage]
        pages: RelatedManager[PageImage]
        page_words: RelatedManager[PageWords]
        values: RelatedManager[Value]
        changes: RelatedManager[Change]
        holds: RelatedManager[LegalHold]
        presences: RelatedManager[Presence]
        taggings: RelatedManager[Tagging]
        pairs: RelatedManager[MetadataPair]

    class Meta:
        verbose_name = _("extraction")
        verbose_name_plural = _("extractions")
        indexes = (
            # For the worker.
            models.Index(fields=("state", "team"), name="extraction_state"),
            models.Index(fields=("-state_changed_at",), name="extraction_moved"),
            # For lists. Each starts with the team, excludes deleted rows and ends in list order, so that a page reads
            # only its own rows. search/executor.py queries team by team: for several teams at once SQLite would sort
            # all rows to show the first fifty.
            models.Index(fields=("team", "-received_at", "-id"), name="list_newest", condition=SHOWN),
            models.Index(fields=("team", "state", "-received_at", "-id"), name="list_state", condition=SHOWN),
            models.Index(fields=("team", "review_state", "-received_at", "-id"), name="list_review", condition=SHOWN),
            models.Index(fields=("team", "owner", "-received_at", "-id"), name="list_owner", condition=SHOWN),
            models.Index(fields=("team", "assigned_to", "-received_at", "-id"), name="list_assigned", condition=SHOWN),
            models.Index(fields=("team", "schema", "-received_at", "-id"), name="list_schema", condition=SHOWN),
            models.Index(fields=("team", "server", "-received_at", "-id"), name="list_server", condition=SHOWN),
            models.Index(fields=("team", "classifier", "-received_at", "-id"), name="list_classifier", condition=SHOWN),
            models.Index(
                fields=("team", "classifier_result", "-received_at", "-id"), name="list_kind", condition=SHOWN
            ),
            models.Index(fields=("team", "name", "id"), name="list_by_name", condition=SHOWN),
            models.Index(fields=("team", "page_count", "id"), name="list_by_pages", condition=SHOWN),
            models.Index(fields=("team", "size", "id"), name="list_by_size", condition=SHOWN),
            models.Index(fields=("team", "state_changed_at", "id"), name="list_by_change", condition=SHOWN),
            models.Index(fields=("team", "state", "-finished_at", "-id"), name="list_ended", condition=SHOWN),
            models.Index(fields=("team", "-delete_requested_at", "-id"), name="list_trash", condition=IN_TRASH),
            models.Index(fields=("erase_due_at",), name="extraction_erase_due", condition=IN_TRASH),
            # For reviewers.
            models.Index(
                fields=("team", "review_state", "-needs", "received_at"), name="review_queue", condition=SHOWN
            ),
            models.Index(fields=("-finished_at",), name="extraction_ended", condition=Q(finished_at__isnull=False)),
            models.Index(fields=("next_try_at",), name="extraction_due", condition=Q(next_try_at__isnull=False)),
            models.Index(fields=("lease_until",), name="extraction_held", condition=Q(lease_until__isnull=False)),
            models.Index(fields=("pages_due_at",), name="extraction_pages", condition=Q(pages_due_at__isnull=False)),
            models.Index(
                fields=("evidence_due_at",), name="extraction_evidence", condition=Q(evidence_due_at__isnull=False)
            ),
            models.Index(fields=("sha256",), name="extraction_sha256"),
            models.Index(fields=("origin",), name="extraction_origin", condition=Q(origin__isnull=False)),
            # For fair queueing (forwarding/fairness.py): whose documents wait, and since when.
            models.Index(
                fields=("state", "team", "owner", "next_try_at", "connection", "lease_until", "suspected_at"),
                name="extraction_turns",
                condition=Q(next_try_at__isnull=False),
            ),
            models.Index(
                fields=("duplicate_search_at",),
                name="extraction_duplicates",
                condition=Q(duplicate_search_at__isnull=False),
            ),
            models.Index(fields=("next_try_at",), name="extraction_suspects", condition=Q(suspected_at__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(
                name="underway_has_an_alarm_clock",
                condition=~Q(state__in=["QUEUED", "SENDING", "SENT", "CHECKING", "RUNNING"])
                | Q(next_try_at__isnull=False)
                | Q(lease_until__isnull=False),
            ),
            # With several in flight, a crash could not be attributed.
            models.UniqueConstraint(
                fields=("state",),
                name="one_suspect_is_sent_at_a_time",
                condition=Q(state="SENDING", suspected_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("extractions:detail", args=[self.key])

    @property
    def in_progress(self) -> bool:
        return self.state in self.UNDERWAY

    @property
    def is_queued_at_service(self) -> bool:
        """Accepted, but still in the service's queue."""
        return self.state == self.State.RUNNING and self.status == self.Status.CREATED

    @property
    def is_pdf(self) -> bool:
        return self.mime == "application/pdf"

    @property
    def requested_pages(self) -> int:
        """Number of pages in the requested range."""
        return (self.pdf_page_end or self.page_count) - (self.pdf_page_start or 1) + 1

    @property
    def status_label(self) -> str:
        """The documented label, or the raw value of an unknown status."""
        return str(dict(self.Status.choices).get(self.status, self.status))

    @property
    def step_label(self) -> str:
        return str(dict(self.Step.choices).get(self.extraction_step, self.extraction_step))

    def expected_steps(self) -> list[str]:
        """The steps that the document goes through with its options."""
        skipped = set()
        if not self.classifier_id:
            skipped.add(self.Step.CLASSIFICATION)
        if not self.schema_id:
            skipped |= {self.Step.PARSING, self.Step.LOCATION}
        return [step for step in self.Step.values if step not in skipped]

    @property
    def never_handed_over(self) -> bool:
        """Whether the service definitely does not have it and nothing was charged."""
        refused = self.state == self.State.REJECTED
        return not self.remote_id and (refused or self.handed_over_at is None)

    @recorded(Action.CANCELLED)
    def cancel(self) -> bool:
        """Cancel: at once before the hand-over, otherwise once its remote id is known."""
        if self.transition(
            {self.State.QUEUED, self.State.SENDING}, self.State.CANCELLED, raise_lease=True, **self.RESTING
        ):
            return True
        rows = Extraction.objects.filter(pk=self.pk, cancel_requested_at__isnull=True)
        now = clock.now()
        requested = rows.filter(state__in=(self.State.SENT, self.State.CHECKING)).update(cancel_requested_at=now)
        requested |= rows.filter(state=self.State.RUNNING).update(cancel_requested_at=now, next_try_at=now)
        return self._wake_if(bool(requested), "cancel_requested_at", "next_try_at")

    @recorded(Action.TRIED_AGAIN)
    def try_again(self) -> bool:
        """Requeue a document that was never accepted; an accepted one needs a new row (`intake.submitting`)."""
        connection = Connection.for_team(self.team_id)
        if not self.never_handed_over or not self._fits(connection):
            return False
        return self.transition(
            {self.State.REJECTED, self.State.CANCELLED},
            self.State.QUEUED,
            where=Q(delete_requested_at__isnull=True, remote_id=""),
            raise_lease=True,
            connection=connection,
            next_try_at=clock.now(),
            **self.UNTRIED,
        )

    @recorded(Action.DECIDED, detail="choice")
    def decide(self, choice: str, person: User) -> bool:
        """Apply a person's `Decision` about an UNDECIDED document; raises `ValueError` for any other choice."""
        decided: dict[str, Any] = {"decision": choice, "decided_by": person}
        undecided = {self.State.UNDECIDED}
        now = clock.now()
        match choice:
            case Decision.SEARCH:
                return self.transition(undecided, self.State.CHECKING, search_misses=0, next_try_at=now, **decided)
            case Decision.SEND:
                return self.transition(
                    undecided, self.State.QUEUED, attempts=0, crashes=0, error_code="", next_try_at=now, **decided
                )
            case Decision.GIVE_UP:
                # Keep searching: if it arrived after all, it was charged and has to be deleted there.
                return self.transition(
                    undecided, self.State.CANCELLED, duplicate_search_at=now, **decided, **self.RESTING
                )
        raise ValueError(choice)

    def _fits(self, connection: Connection) -> bool:
        """Whether the chosen schema and classifier exist at this connection."""
        chosen = [choice for choice in (self.schema, self.classifier) if choice is not None]
        return all(choice.connection.is_equivalent_to(connection) for choice in chosen)

    def transition(
        self,
        from_: Collection[str],
        to: str,
        *,
        lease: int | None = None,
        where: Q | None = None,
        raise_lease: bool = False,
        **fields: object,
    ) -> bool:
        """Compare-and-set in one UPDATE: only the first of two processes wins. Whether it was applied."""
        rows = Extraction.objects.filter(where or Q(), pk=self.pk, state__in=from_)
        if lease is not None:
            rows = rows.filter(lease=lease)
        changes: dict[str, Any] = {"state": to, "state_changed_at": clock.now()} | fields
        event = EVENTS.get(State(to))
        with transaction.atomic(savepoint=False) if event else nullcontext():
            if not rows.update(**changes, **({"lease": F("lease") + 1} if raise_lease else {})):
                return False
            for name, value in changes.items():
                setattr(self, name, value)
            if event:
                failed = event == Event.FAILED
                publish(self, event, **({"error": self.error_code} if failed else {}))
                notify(self, NoticeKind.FAILED if failed else NoticeKind.DONE, [self.owner_id] if self.owner_id else [])
        if raise_lease:
            self.refresh_from_db(fields=["lease"])
        transaction.on_commit(wakeup.notify_workers, robust=True)
        return True

    def _wake_if(self, happened: bool, *changed: str) -> bool:
        if happened:
            self.refresh_from_db(fields=changed)
            transaction.on_commit(wakeup.notify_workers, robust=True)
        return happened
