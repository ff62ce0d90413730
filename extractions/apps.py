from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ExtractionsConfig(AppConfig):
    name = "extractions"
    verbose_name = _("Extractions")

    def ready(self) -> None:
        from extractions.presentation.operations import audit_lines
        from extractions.search import index_triggers
        from extractions.services import guest_links, person_traces
        from portal import triggers
        from portal.audit import descriptions
        from portal.people import person_data, person_erasure
        from portal.people.rights import rights_reduced

        descriptions.register(audit_lines.describe)
        person_data.register(person_traces.collect, person_traces.LABELS)
        person_erasure.register(person_traces.erase)
        rights_reduced.connect(guest_links.end_unbacked, dispatch_uid="extractions.services.guest_links")
        triggers.declare(index_triggers.TRIGGERS)
        post_migrate.connect(index_triggers.install, sender=self, dispatch_uid="extractions.search.index_triggers")
