from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExtractionsConfig(AppConfig):
    name = "extractions"
    verbose_name = _("Extractions")
