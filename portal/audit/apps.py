from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        from portal import triggers
        from portal.audit import authentication_events, guard

        authentication_events.connect()
        triggers.declare(guard.TRIGGERS)
        post_migrate.connect(_repair_triggers, sender=self, dispatch_uid="audit.triggers")


def _repair_triggers(using: str, **kwargs: object) -> None:
    from portal import triggers
    from portal.audit import guard

    triggers.repair_after_migrate([guard.TABLE], using)
