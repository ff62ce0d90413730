"""Queries for documents. Whatever a person sees goes through `visible_to`."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.db.models import Value as Literal
from django.db.models.functions import Coalesce

from extractions.models.lifecycle import UNDERWAY, State
from portal.people.models import Membership, User

if TYPE_CHECKING:
    from extractions.models.extraction import Extraction  # noqa: F401 - named in the base class below

KEPT = Q(delete_requested_at__isnull=True) | Q(erase_due_at__isnull=False)
"""Documents whose content is not about to be erased: visible, or in the trash."""
LARGE_COLUMNS = ("content", "extracted_data", "raw")
"""Columns that hold whole documents; queries for many rows defer them."""


class ExtractionQuerySet(models.QuerySet["Extraction"]):
    def visible_to(self, person: User | AnonymousUser) -> Self:
        """The single access check: documents of the person's teams that are not deleted."""
        if not person.is_authenticated:
            return self.none()
        teams = Membership.objects.filter(person=person.pk).values("team")
        return self.filter(team__in=teams, delete_requested_at__isnull=True)

    def in_trash_of(self, person: User | AnonymousUser) -> Self:
        """The access check for the trash: what the person's teams have deleted and can still restore."""
        if not person.is_authenticated:
            return self.none()
        teams = Membership.objects.filter(person=person.pk).values("team")
        return self.filter(team__in=teams, erase_due_at__isnull=False)

    def known_to(self, person: User) -> Self:
        """Visible documents, and those in the trash: to send them again would be to pay twice."""
        teams = Membership.objects.filter(person=person.pk).values("team")
        return self.filter(KEPT, team__in=teams)

    def visible_among(self, numbers: Collection[int], person: User) -> Self:
        """`visible_to` restricted to these primary keys, phrased so that no planner scans the whole team."""
        teams = Membership.objects.filter(person=person.pk).values("team")
        rows = self.filter(pk__in=numbers, delete_requested_at__isnull=True)
        gate: dict[str, object] = {"of_team__in": teams}
        return rows.alias(of_team=Coalesce("team_id", Literal(0))).filter(**gate)

    def with_original(self) -> Self:
        """Those whose file has not been erased, alone or with the document."""
        return self.filter(deleted_at__isnull=True, original_erased_at__isnull=True)

    def in_progress(self) -> Self:
        return self.filter(state__in=UNDERWAY)

    def held(self) -> Self:
        """Underway, but going no further while their connection is paused: not sent, or, without a key that the
        service takes, not followed."""
        paused = self.in_progress().exclude(connection__pause="")
        return paused.filter(Q(state=State.QUEUED) | Q(connection__pause__in=("key_refused", "key_lost")))

    def finished(self) -> Self:
        """Phrased as "none of the other states": nearly all rows are finished, and with the state index SQLite would
        read and sort them all for the newest few."""
        return self.exclude(state__in=[state for state in State if state != State.EXTRACTED])

    def stuck(self) -> Self:
        """Documents that need a person to proceed."""
        return self.filter(state__in=(State.FAILED, State.REJECTED, State.UNDECIDED))

    def due(self, now: datetime) -> Self:
        """Rows whose due time has passed and whose lease is free, most overdue first."""
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), next_try_at__lte=now).order_by(
            "next_try_at", "pk"
        )

    def sent_with_form(self, person: User, batch: uuid.UUID) -> Self:
        """Those that the person sent from one upload page view; the batch is the prefix of their form tokens."""
        return self.filter(form_token__startswith=f"{person.pk}:{batch}.")

    def of_same_file(self, sha256: str) -> Self:
        """Documents with identical content that are finished or underway."""
        return self.filter(sha256=sha256, state__in=(*UNDERWAY, State.EXTRACTED))

    def of_same_files(self, hashes: Collection[str]) -> Self:
        """As `of_same_file`, for several digests."""
        return self.filter(sha256__in=hashes, state__in=(*UNDERWAY, State.EXTRACTED))

    def newest_first(self) -> Self:
        return self.order_by("-received_at", "-pk")

    def for_lists(self) -> Self:
        """Defer large columns and join the names that lists show."""
        return self.defer(*LARGE_COLUMNS).select_related("owner", "schema", "classifier", "connection")
