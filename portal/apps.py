from django.apps import AppConfig
from django.core.checks import Tags, register


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal import checks, telemetry

        register(checks.check_triggers, Tags.database)
        telemetry.start()
