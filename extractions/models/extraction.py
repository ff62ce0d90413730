"""A document and its whole life. The row is the job: it carries its state, its lease and its alarm clock."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models import Value as Literal
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions import bell
from extractions.models.connection import Connection
from extractions.models.judging import JudgedExtraction
from extractions.models.options import Classifier, Schema, Server
from extractions.models.ordered import OrderedJSONField
from portal.audit.recording import Action, recorded
from portal.people.models import Membership, Team, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from extractions.models.attempt import Attempt
    from extractions.models.finding import MetadataPair, Tagging
    from extractions.models.grounds import PageWords
    from extractions.models.pieces import ContentImage, PageImage, Value
    from extractions.models.review import Change, Presence

SHOWN = Q(delete_requested_at__isnull=True)
HEAVY = ("content", "extracted_data", "raw")


class ExtractionQuerySet(models.QuerySet["Extraction"]):
    def visible_to(self, person: User | AnonymousUser) -> Self:
        """The one gate: what this person may know of. Everything shown, counted or served goes through it."""
        if not person.is_authenticated:
            return self.none()
        teams = Membership.objects.filter(person=person.pk).values("team")
        return self.filter(team__in=teams, delete_requested_at__isnull=True)

    def known_and_visible(self, numbers: Collection[int], person: User) -> Self:
        """Those of these numbers that this person may know of: the same gate, said so that no database thinks of
        reading the whole team for it."""
        teams = Membership.objects.filter(person=person.pk).values("team")
        rows = self.filter(pk__in=numbers, delete_requested_at__isnull=True)
        gate: dict[str, Any] = {"of_team__in": teams}
        return rows.alias(of_team=Coalesce("team_id", Literal(0))).filter(**gate)

    def in_progress(self) -> Self:
        return self.filter(state__in=Extraction.UNDERWAY)

    def finished(self) -> Self:
        """Said as "none of the others", because nearly all rows end here: an index that finds a state finds the rare
        ones, and with it SQLite would read and sort all of these for the newest few."""
        return self.exclude(state__in=[state for state in Extraction.State if state != Extraction.State.EXTRACTED])

    def stuck(self) -> Self:
        """Those that go on only when somebody does something."""
        return self.filter(state__in=(Extraction.State.FAILED, Extraction.State.REJECTED, Extraction.State.UNDECIDED))

    def due(self, now: datetime) -> Self:
        """Rows whose alarm clock has rung and that nobody holds, most urgent first."""
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), next_try_at__lte=now).order_by(
            "next_try_at", "pk"
        )

    def sent_with_form(self, person: User, batch: uuid.UUID) -> Self:
        """Those that this person sent from one showing of the upload page; their form tokens begin with its mark."""
        return self.filter(form_token__startswith=f"{person.pk}:{batch}.")

    def of_same_file(self, sha256: str) -> Self:
        """Sent with these very bytes, and either read or on the way."""
        return self.filter(sha256=sha256, state__in=(*self.model.UNDERWAY, Extraction.State.EXTRACTED))

    def of_same_files(self, hashes: Collection[str]) -> Self:
        """Sent with the very bytes of one of these, and either read or on the way."""
        return self.filter(sha256__in=hashes, state__in=(*self.model.UNDERWAY, Extraction.State.EXTRACTED))

    def newest_first(self) -> Self:
        return self.order_by("-received_at", "-pk")

    def for_lists(self) -> Self:
        """Without the columns that hold whole documents, and with the names that a row shows."""
        return self.defer(*HEAVY).select_related("owner", "schema", "classifier", "connection")


class Extraction(JudgedExtraction):
    """One document, what was asked for it, where it stands, and what came back.

    Fields under "the API's answer" have the API's names; `raw` is the whole answer as it came. The portal's own life of
    the document is `state`, the service's is `status`.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Waiting to be sent")
        SENDING = "SENDING", _("Sending")
        SENT = "SENT", _("Handed over")
        CHECKING = "CHECKING", _("Checking whether it arrived")
        UNDECIDED = "UNDECIDED", _("Not known whether it arrived")
        RUNNING = "RUNNING", _("Being read")
        EXTRACTED = "EXTRACTED", _("Finished")
        FAILED = "FAILED", _("Could not be read")
        REJECTED = "REJECTED", _("Not sent")
        CANCELLED = "CANCELLED", _("Cancelled")

    UNDERWAY = (State.QUEUED, State.SENDING, State.SENT, State.CHECKING, State.RUNNING)
    AT_REST = (State.UNDECIDED, State.EXTRACTED, State.FAILED, State.REJECTED, State.CANCELLED)

    class Step(models.TextChoices):
        """The service's steps, with its documented labels: PARSING is the extraction of the data."""

        OCR = "OCR", _("Document parsing")
        CLASSIFICATION = "CLASSIFICATION", _("Document classification")
        IMAGES = "IMAGES", _("Document image analysis")
        PARSING = "PARSING", _("Target data extraction")
        LOCATION = "LOCATION", _("Visual rendering of data")

    class Status(models.TextChoices):
        CREATED = "CREATED", _("Created")
        IN_PROGRESS = "IN_PROGRESS", _("In progress")
        FINISHED = "FINISHED", _("Finished")
        ERROR = "ERROR", _("Error")

    RESTING: ClassVar[dict[str, Any]] = {"next_try_at": None, "lease_until": None}
    UNTRIED: ClassVar[dict[str, Any]] = {
        "attempts": 0,
        "crashes": 0,
        "looks": 0,
        "trouble": "",
        "trouble_detail": "",
        "handed_over_at": None,
        "cancel_requested_at": None,
        "later_since": None,
        "lease_until": None,
    }

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    form_token = models.CharField(_("form token"), max_length=100, unique=True, null=True, editable=False)  # noqa: DJ001
    team = models.ForeignKey(Team, models.PROTECT, related_name="extractions", verbose_name=_("team"), db_index=False)
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="extractions", verbose_name=_("from")
    )
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="extractions", verbose_name=_("connection"))
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    # The document, as it was received; never altered.
    name = models.CharField(_("document"), max_length=255)
    document = models.FileField(_("file"), max_length=300, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    mime = models.CharField(_("type"), max_length=100)
    page_count = models.PositiveIntegerField(_("pages"))

    # What was asked.
    schema = models.ForeignKey(
        Schema, models.PROTECT, null=True, blank=True, related_name="extractions", verbose_name=_("schema")
    )
    classifier = models.ForeignKey(
        Classifier, models.PROTECT, null=True, blank=True, related_name="extractions", verbose_name=_("classifier")
    )
    server = models.CharField(_("server"), max_length=20, choices=Server.choices)
    pdf_page_start = models.PositiveIntegerField(_("first page"), null=True, blank=True)
    pdf_page_end = models.PositiveIntegerField(_("last page"), null=True, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)

    credits_expected = models.PositiveIntegerField(_("credits expected"), default=0)

    # Where it stands.
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.QUEUED)
    state_changed_at = models.DateTimeField(_("state since"), default=timezone.now)
    trouble = models.CharField(_("trouble"), max_length=40, blank=True)
    trouble_detail = models.TextField(_("the service's words"), blank=True)
    lease = models.PositiveIntegerField(_("lease"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    held_by = models.CharField(_("held by"), max_length=120, blank=True)
    """The worker that claimed it last; it means something only while the lease runs."""
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    crashes = models.PositiveIntegerField(_("workers lost"), default=0)
    looks = models.PositiveIntegerField(_("searches without a hit"), default=0)
    decided_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decision = models.CharField(_("decision"), max_length=40, blank=True)
    cancel_requested_at = models.DateTimeField(_("cancelling"), null=True, blank=True)
    delete_requested_at = models.DateTimeField(_("deletion asked"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    later_since = models.DateTimeField(_("failing to be sent since"), null=True, blank=True)
    pages_due_at = models.DateTimeField(_("page images due"), null=True, blank=True)
    """The alarm clock of the page images, which are made beside everything else; empty once they are there."""
    evidence_due_at = models.DateTimeField(_("evidence due"), null=True, blank=True)
    """The alarm clock of looking for each value in the document; empty once that is done."""
    steps_seen = models.JSONField(_("steps seen"), default=dict, blank=True)
    """When each step was first seen by us: {"OCR": ISO time, ...}, and "END" for the end."""
    unknown_fields = models.JSONField(_("fields we did not know"), default=list, blank=True)

    # The API's answer.
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
        presences: RelatedManager[Presence]
        taggings: RelatedManager[Tagging]
        pairs: RelatedManager[MetadataPair]

    class Meta:
        verbose_name = _("extraction")
        verbose_name_plural = _("extractions")
        indexes = (
            # The worker's.
            models.Index(fields=("state", "team"), name="extraction_state"),
            models.Index(fields=("-state_changed_at",), name="extraction_moved"),
            # The list's. Each begins with one team, asks for what is not deleted and ends in the order of the list, so
            # that a page reads its own rows and no others (see search/walking.py, which asks team by team: of several
            # teams at once SQLite would sort all rows to show the first fifty).
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
            # The reviewers'.
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
        )
        constraints = (
            models.CheckConstraint(
                name="underway_has_an_alarm_clock",
                condition=~Q(state__in=["QUEUED", "SENDING", "SENT", "CHECKING", "RUNNING"])
                | Q(next_try_at__isnull=False)
                | Q(lease_until__isnull=False),
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
    def waits_there(self) -> bool:
        """At the service, where its turn has not come yet."""
        return self.state == self.State.RUNNING and self.status == self.Status.CREATED

    @property
    def is_pdf(self) -> bool:
        return self.mime == "application/pdf"

    @property
    def pages_asked(self) -> int:
        """How many pages the service was asked to read."""
        return (self.pdf_page_end or self.page_count) - (self.pdf_page_start or 1) + 1

    @property
    def status_label(self) -> str:
        """The documented label, or the raw word for a status that we do not know."""
        return str(dict(self.Status.choices).get(self.status, self.status))

    @property
    def step_label(self) -> str:
        return str(dict(self.Step.choices).get(self.extraction_step, self.extraction_step))

    def steps_asked(self) -> list[str]:
        """The steps that this document goes through, given its options."""
        skipped = set()
        if not self.classifier_id:
            skipped.add(self.Step.CLASSIFICATION)
        if not self.schema_id:
            skipped |= {self.Step.PARSING, self.Step.LOCATION}
        return [step for step in self.Step.values if step not in skipped]

    @property
    def never_handed_over(self) -> bool:
        """Whether the service surely has not got it and nothing was paid."""
        refused = self.state == self.State.REJECTED
        return not self.remote_id and (refused or self.handed_over_at is None)

    @recorded(Action.CANCELLED)
    def cancel(self) -> bool:
        """Stop it: at once while it is not handed over, else as soon as it is known where it arrived."""
        if self._move({self.State.QUEUED, self.State.SENDING}, self.State.CANCELLED, raise_lease=True, **self.RESTING):
            return True
        rows = Extraction.objects.filter(pk=self.pk, cancel_requested_at__isnull=True)
        now = timezone.now()
        wished = rows.filter(state__in=(self.State.SENT, self.State.CHECKING)).update(cancel_requested_at=now)
        wished |= rows.filter(state=self.State.RUNNING).update(cancel_requested_at=now, next_try_at=now)
        return self._wake_if(bool(wished), "cancel_requested_at", "next_try_at")

    @recorded(Action.DELETED)
    def request_deletion(self) -> bool:
        """Hide it from everybody at once; the worker deletes it at the service and then here."""
        rows = Extraction.objects.filter(pk=self.pk)
        now = timezone.now()
        if not rows.filter(delete_requested_at__isnull=True).update(delete_requested_at=now, form_token=None):
            return False
        self._move({self.State.QUEUED, self.State.SENDING}, self.State.CANCELLED, raise_lease=True, **self.RESTING)
        # What is on its way keeps its clock: first it must be known where it arrived.
        rows.exclude(state__in=(self.State.SENT, self.State.CHECKING)).update(next_try_at=now)
        return self._wake_if(True, "delete_requested_at", "form_token", "next_try_at")

    @recorded(Action.TRIED_AGAIN)
    def try_again(self) -> bool:
        """Queue a document that was never taken; one that was taken needs a new row (services.submitting)."""
        connection = Connection.of_team(self.team_id)
        if not self.never_handed_over or not self._fits(connection):
            return False
        return self._move(
            {self.State.REJECTED, self.State.CANCELLED},
            self.State.QUEUED,
            where=Q(delete_requested_at__isnull=True, remote_id=""),
            raise_lease=True,
            connection=connection,
            next_try_at=timezone.now(),
            **self.UNTRIED,
        )

    @recorded(Action.DECIDED, told="choice")
    def decide(self, choice: str, person: User) -> bool:
        """What a person chose for a document of which nobody knows whether it arrived."""
        decided: dict[str, Any] = {"decision": choice, "decided_by": person}
        undecided = {self.State.UNDECIDED}
        now = timezone.now()
        match choice:
            case "look":
                return self._move(undecided, self.State.CHECKING, looks=0, next_try_at=now, **decided)
            case "send":
                return self._move(
                    undecided, self.State.QUEUED, attempts=0, crashes=0, trouble="", next_try_at=now, **decided
                )
            case "give_up":
                return self._move(undecided, self.State.CANCELLED, **decided, **self.RESTING)
        raise ValueError(choice)

    def _fits(self, connection: Connection) -> bool:
        """Whether what was chosen means anything to the service behind this connection."""
        chosen = [choice for choice in (self.schema, self.classifier) if choice is not None]
        return all(choice.connection.is_like(connection) for choice in chosen)

    def _move(
        self,
        from_: Collection[str],
        to: str,
        *,
        lease: int | None = None,
        where: Q | None = None,
        raise_lease: bool = False,
        **fields: Any,
    ) -> bool:
        """One conditional update; of two processes that try, only the first wins. Answers whether it happened."""
        rows = Extraction.objects.filter(where or Q(), pk=self.pk, state__in=from_)
        if lease is not None:
            rows = rows.filter(lease=lease)
        changes: dict[str, Any] = {"state": to, "state_changed_at": timezone.now()} | fields
        if not rows.update(**changes, **({"lease": F("lease") + 1} if raise_lease else {})):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        if raise_lease:
            self.refresh_from_db(fields=["lease"])
        transaction.on_commit(bell.ring, robust=True)
        return True

    def _wake_if(self, happened: bool, *changed: str) -> bool:
        if happened:
            self.refresh_from_db(fields=changed)
            transaction.on_commit(bell.ring, robust=True)
        return happened
