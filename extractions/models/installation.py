"""This portal as its database remembers it, so that a copy of it can be told from the original."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.people.models import User


class Installation(models.Model):
    """The one row that says who we are and where we lie; a file in DATA_DIR says the same (`forwarding.copies`)."""

    token = models.UUIDField(_("token"), default=uuid.uuid4)
    place = models.CharField(_("place"), max_length=200)
    doubted_at = models.DateTimeField(_("looks like a copy since"), null=True, blank=True)
    begun_at = models.DateTimeField(_("the only one since"))
    """Files that were here before this moment may belong to rows that this database has lost."""
    confirmed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")

    def __str__(self) -> str:
        return str(self.token)

    @classmethod
    def in_doubt(cls) -> bool:
        """Whether this looks like a restored or copied portal, and nobody has said yet that it is the only one."""
        return cls.objects.filter(doubted_at__isnull=False).exists()
