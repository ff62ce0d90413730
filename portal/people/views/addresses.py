"""The page of the account's e-mail addresses."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.account.views import EmailView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from portal.people.forms import belongs_to_another
from portal.people.models import User


class AddressesView(EmailView):  # type: ignore[misc]
    """allauth's page; if mail is configured, only a confirmed address can become the primary one."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if isinstance(request.user, User):
            ensure_own_address(request.user)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def _action_primary(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse | None:
        address = self._get_email_address(request)
        if address is None:
            return None
        if belongs_to_another(address.email, address.user):
            messages.error(request, _("Another account has this address."))
            return None
        if settings.MAIL_WORKS and not address.verified:
            messages.error(
                request, _("Open the link that was sent to this address first: then it can be the main one.")
            )
            return None
        response: HttpResponse | None = super()._action_primary(request, *args, **kwargs)
        return response


def ensure_own_address(person: User) -> EmailAddress:
    """Accounts are created without allauth's row for their address, which it needs to notify people of changes."""
    own, _new = EmailAddress.objects.get_or_create(user=person, email=person.email)
    if not own.primary:
        EmailAddress.objects.filter(user=person, primary=True).update(primary=False)
        own.primary = True
        own.save(update_fields=["primary"])
    return own


addresses = login_required(AddressesView.as_view())
