from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ExtractionsConfig(AppConfig):
    name = "extractions"
    verbose_name = _("Extractions")

    def ready(self) -> None:
        from extractions.presentation.operations import audit_lines
        from extractions.search import index_triggers
        from extractions.services import guest_links
        from portal import triggers
        from portal.audit import descriptions
        from portal.people.rights import rights_reduced

        descriptions.register(audit_lines.describe)
        rights_reduced.connect(guest_links.end_unbacked, dispatch_uid="extractions.services.guest_links")
        triggers.declare(index_triggers.TRIGGERS)
        post_migrate.connect(index_triggers.install, sender=self, dispatch_uid="extractions.search.index_triggers")
