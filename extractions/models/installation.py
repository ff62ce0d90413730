"""The installation's identity, which tells a copied portal from the original; and pending file removals."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.people.models import User


class Installation(models.Model):
    """The only row: identity and location, mirrored in marker files (see `forwarding.steps.clone_guard`)."""

    class Doubt(models.TextChoices):
        """Why database and data folder do not match."""

        STORE_AWAY = "store_away", _("The folder of files cannot be reached")
        OTHER_FOLDER = "other_folder", _("The folder of files belongs to another portal")
        FOLDER_COPIED = "folder_copied", _("The folder of files was copied or moved")
        FOLDER_OLDER = "folder_older", _("The folder of files is older than the database")
        DATABASE_COPIED = "database_copied", _("The database was copied or moved")
        DATABASE_OLDER = "database_older", _("The database is older than the folder of files")
        SET_BACK = "set_back", _("Database and files were set back to an older state")

    OF_THE_FOLDER = frozenset({Doubt.STORE_AWAY, Doubt.OTHER_FOLDER, Doubt.FOLDER_COPIED, Doubt.FOLDER_OLDER})
    """Doubts that may concern the data folder of one process only; cleared once a process has the right one."""

    token = models.UUIDField(_("token"), default=uuid.uuid4)
    place = models.CharField(_("place of the database"), max_length=200)
    home_inode = models.CharField(_("inode of the marker in DATA_DIR"), max_length=20, blank=True)
    store_inode = models.CharField(_("inode of the marker beside the documents"), max_length=20, blank=True)
    number = models.PositiveBigIntegerField(_("counter"), default=0)
    """Advances here and in the marker files while the portal runs; whichever was restored falls behind."""
    nonce = models.CharField(_("latest value of the counter"), max_length=32, blank=True)
    doubted_at = models.DateTimeField(_("looks like a copy since"), null=True, blank=True)
    doubt = models.CharField(_("reason"), max_length=20, choices=Doubt.choices, blank=True)
    begun_at = models.DateTimeField(_("the only one since"))
    confirmed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )

    access_suspended_at = models.DateTimeField(_("access suspended by a restore"), null=True, blank=True)
    """While tokens, links, invitations or webhooks wait for somebody to confirm them."""
    erased_at = models.DateTimeField(_("last erasure of a document"), null=True, blank=True)
    traces_removed_at = models.DateTimeField(_("traces of erased documents removed"), null=True, blank=True)
    invoices_keyed_to = models.PositiveBigIntegerField(
        _("last document given keys of an invoice"), null=True, default=0
    )
    """By primary key; null once all documents from before there were such keys have them."""
    quarantined_files = models.PositiveIntegerField(_("files in quarantine"), default=0)
    quarantined_bytes = models.PositiveBigIntegerField(_("bytes in quarantine"), default=0)
    quarantine_seen = models.PositiveIntegerField(_("files in quarantine that staff know of"), default=0)
    quarantined_since = models.DateTimeField(_("in quarantine since"), null=True, blank=True)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")

    def __str__(self) -> str:
        return str(self.token)

    @property
    def quarantine_is_news(self) -> bool:
        """Whether there are quarantined files that staff have not acknowledged."""
        return self.quarantined_files > self.quarantine_seen

    @classmethod
    def in_doubt(cls) -> bool:
        """Whether this looks like a restored or copied portal that nobody has confirmed yet."""
        return cls.objects.filter(doubted_at__isnull=False).exists()


class FileRemoval(models.Model):
    """A file to delete, recorded with the change that orphaned it: a crash or unmounted store only delays it."""

    name = models.CharField(_("file"), max_length=300, unique=True)
    """Relative to MEDIA_ROOT."""
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)

    class Meta:
        verbose_name = _("file to delete")
        verbose_name_plural = _("files to delete")

    def __str__(self) -> str:
        return self.name
