from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ExtractionsConfig(AppConfig):
    name = "extractions"
    verbose_name = _("Extractions")

    def ready(self) -> None:
        from extractions.search import upkeep

        post_migrate.connect(upkeep.install, sender=self, dispatch_uid="extractions.search.upkeep")
