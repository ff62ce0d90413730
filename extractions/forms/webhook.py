"""The form for a webhook of a team."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.forwarding.webhooks.addresses import is_allowed
from extractions.models import Event, Webhook
from extractions.services.webhooks import WebhookSettings


class WebhookForm(forms.Form):
    """Which addresses may be called is decided at each send; here, only what can never be is refused."""

    name = forms.CharField(
        max_length=100,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("For your own reference, such as the program that listens there."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    url = forms.CharField(
        max_length=500,
        label=gettext_lazy("Address"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    events = forms.MultipleChoiceField(
        choices=Event.choices,
        label=gettext_lazy("Events"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one event.")},
    )
    include_values = forms.BooleanField(
        required=False,
        label=gettext_lazy("Send the name, the metadata and the extracted values, too"),
        help_text=gettext_lazy(
            "Without it, a message holds ids, states and links only. Whoever receives it, and everything between, "
            "can read what it holds."
        ),
    )

    def __init__(self, data: Any = None, *, webhook: Webhook | None = None) -> None:
        initial: dict[str, Any] = {"events": [Event.FINISHED, Event.FAILED, Event.APPROVED]}
        if webhook is not None:
            initial = {name: getattr(webhook, name) for name in ("name", "url", "events", "include_values")}
        super().__init__(data, initial=initial)
        if settings.WEBHOOK_PRIVATE_NETWORKS:
            networks = ", ".join(str(network) for network in settings.WEBHOOK_PRIVATE_NETWORKS)
            words = _("A public address that begins with https://, or any in %(networks)s.") % {"networks": networks}
        else:
            words = _("A public address that begins with https://.")
        self.fields["url"].help_text = words

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            parts = urlsplit(url)
            URLValidator(schemes=["http", "https"])(url)
            host, _port = parts.hostname or "", parts.port
        except (ValidationError, ValueError) as error:
            raise ValidationError(_("This is not an address like https://example.com/hook.")) from error
        if parts.username or parts.password or parts.fragment:
            raise ValidationError(_("An address must not contain a user name, a password or a hash."))
        encrypted = parts.scheme == "https"
        if not encrypted and not settings.WEBHOOK_PRIVATE_NETWORKS:
            raise ValidationError(_("Messages could be read in transit: the address must begin with https://."))
        if not _may_be_called(host, encrypted=encrypted):
            raise ValidationError(
                _("This portal sends nothing to %(host)s. Ask its administrator to allow that.") % {"host": host}
            )
        return url

    def wanted(self) -> WebhookSettings:
        """For valid forms only."""
        return WebhookSettings(**self.cleaned_data)


def _may_be_called(host: str, *, encrypted: bool) -> bool:
    """A host name is looked up when something is sent, not here: it may change."""
    try:
        address = ip_address(host)
    except ValueError:
        return True
    return is_allowed(address, encrypted=encrypted)
