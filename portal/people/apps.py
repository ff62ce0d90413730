from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "portal.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from allauth.core.internal import ratelimit
        from allauth.mfa.totp.internal import auth as totp
        from django.core.cache import caches

        from portal.people import service_owners, sign_in_events
        from portal.people.company import mapping
        from portal.people.rights import rights_reduced

        # allauth counts tries, and remembers codes that were used, in the default cache, which each process has for
        # itself and which can be flushed by filling it.
        ratelimit.cache = totp.cache = caches["shared"]
        sign_in_events.connect()
        rights_reduced.connect(service_owners.announce_orphans, dispatch_uid="people.service_owners")
        mapping.mapping()  # a mapping that makes no sense is reported at the start
