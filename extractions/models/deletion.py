"""Deletion in two stages: into the trash, from which a document can be restored, and then for good."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from extractions import clock
from extractions.models.guest_link import end_guest_access
from extractions.models.hold import held
from extractions.models.lifecycle import IN_FLIGHT, State
from extractions.models.retention import time_in_trash
from portal.audit.recording import Action, record, recorded

if TYPE_CHECKING:
    from extractions.models.extraction_queryset import ExtractionQuerySet


class DeletableExtraction(models.Model):
    """The columns and verbs of deletion.

    Hidden: `delete_requested_at` is set. In the trash: `erase_due_at` as well. Once that is null again, the erasure has
    begun and cannot be stopped; `deleted_at` tells when it was done.
    """

    delete_requested_at = models.DateTimeField(_("deletion asked"), null=True, blank=True)
    erase_due_at = models.DateTimeField(_("in the trash until"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    original_erasure_requested_at = models.DateTimeField(_("erasure of the original asked"), null=True, blank=True)
    original_erased_at = models.DateTimeField(_("original erased"), null=True, blank=True)
    """Since then there is no file, page, picture or text of it; its values stay."""

    RESTING: ClassVar[dict[str, Any]]
    if TYPE_CHECKING:
        team_id: int

        def transition(
            self,
            from_: Collection[str],
            to: str,
            *,
            lease: int | None = None,
            where: models.Q | None = None,
            raise_lease: bool = False,
            **fields: object,
        ) -> bool: ...
        def _wake_if(self, happened: bool, *changed: str) -> bool: ...

    class Meta:
        abstract = True

    @property
    def in_trash(self) -> bool:
        return self.erase_due_at is not None

    @property
    def must_be_erased(self) -> bool:
        return self.delete_requested_at is not None and self.erase_due_at is None

    @property
    def must_lose_original(self) -> bool:
        return self.original_erasure_requested_at is not None and self.original_erased_at is None

    @property
    def is_held(self) -> bool:
        """Whether it is under a legal hold; a query."""
        return self._rows().filter(held()).exists()

    def request_deletion(
        self, *, at_least: timedelta = timedelta(0), retention: bool = False, through_trash: bool = True
    ) -> bool:
        """Hide it at once and put it in the trash; without a trash, the worker erases it. False if it is held.

        What is at the service already is followed to its end, since it is paid for; what is not is cancelled.
        `retention` says that a retention period was over, and not a person has done it.
        """
        now = clock.now()
        keep = max(time_in_trash(self.team_id), at_least) if through_trash else timedelta(0)
        rows = self._rows().filter(~held(), delete_requested_at__isnull=True)
        due_at = now + keep if keep else None
        with transaction.atomic():
            if not rows.update(delete_requested_at=now, form_token=None, erase_due_at=due_at):
                return False
            how = {"retention": retention, "for_good": not keep}
            record(Action.DELETED, self, after={name: True for name, holds in how.items() if holds} or None)
            end_guest_access(self)
            self.transition({State.QUEUED, State.SENDING}, State.CANCELLED, raise_lease=True, **self.RESTING)
            if not keep:
                self._start_erasure()
            return self._wake_if(True, "delete_requested_at", "erase_due_at", "form_token", "next_try_at")

    @recorded(Action.RESTORED)
    def restore(self) -> bool:
        """Take it out of the trash, unless its erasure has begun."""
        if not self._rows().filter(erase_due_at__isnull=False).update(delete_requested_at=None, erase_due_at=None):
            return False
        return self._wake_if(True, "delete_requested_at", "erase_due_at")

    def erase_now(self) -> bool:
        """Erase it without waiting for the trash to be emptied. False if it is not in the trash, or held."""
        with transaction.atomic():
            if not self._rows().filter(~held(), erase_due_at__isnull=False).update(erase_due_at=None):
                return False
            record(Action.DELETED, self, after={"for_good": True})
            self._start_erasure()
        return self._wake_if(True, "erase_due_at", "next_try_at")

    def _start_erasure(self) -> None:
        # Documents in flight keep their due time: they are reconciled first.
        self._rows().exclude(state__in=IN_FLIGHT).update(next_try_at=clock.now())

    def _rows(self) -> ExtractionQuerySet:
        return cast("ExtractionQuerySet", type(self)._default_manager.filter(pk=self.pk))
