"""The form for a team's own connection."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.models import Connection, Server
from extractions.services.own_connections import ConnectionSettings

SERVICE = "https://api.anesya.app"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class OwnConnectionForm(forms.Form):
    """The stored key is never shown; an empty field keeps it.

    The worker sends requests to this address, so teams may only name hosts that the settings allow (against SSRF).
    """

    base_url = forms.CharField(max_length=500, label=gettext_lazy("Address of the API"))
    dialect = forms.ChoiceField(
        choices=Connection.Dialect.choices,
        label=gettext_lazy("Version of the API"),
        help_text=gettext_lazy(
            "v0 lists nothing: schemas are entered by their id, and a person has to decide about any document whose "
            "answer is lost."
        ),
    )
    key = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("API key"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    default_server = forms.ChoiceField(required=False, label=gettext_lazy("Default server"))
    key_expires_on = forms.DateField(
        required=False,
        label=gettext_lazy("The key expires on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any, *, own: Connection | None, any_host: bool) -> None:
        self.own, self.any_host = own, any_host
        initial = {"base_url": settings.ANESYA_BASE_URL or SERVICE}
        if own is not None:
            names = ("base_url", "dialect", "default_server", "key_expires_on")
            initial = {name: getattr(own, name) for name in names}
        super().__init__(data, initial=initial)
        fields: dict[str, Any] = self.fields
        usual = _("default (%(server)s)") % {"server": settings.ANESYA_SERVER}
        fields["default_server"].choices = [("", usual), *Server.choices]
        if own is not None:
            fields["key"].help_text = _("Leave it empty to keep the key that is there. It is never shown again.")
        else:
            fields["key"].help_text = _("It is kept encrypted, and never shown again.")

    def clean_base_url(self) -> str:
        address: str = self.cleaned_data["base_url"].strip().rstrip("/")
        parts = urlsplit(address)
        try:
            # The default validator requires a dot in host names, which those of a local network may lack.
            URLValidator(schemes=["http", "https"])(address)
            host, port = parts.hostname or "", _port_of(parts)
        except (ValidationError, ValueError) as error:
            raise ValidationError(_("This is not an address like https://api.example.com.")) from error
        if parts.username or parts.query or parts.fragment:
            raise ValidationError(_("An address must not contain a user name, a question mark or a hash."))
        if parts.scheme != "https" and host not in LOOPBACK:
            raise ValidationError(_("The key could be read in transit: the address must begin with https://."))
        if not self.any_host and not _is_allowed(host, port):
            raise ValidationError(
                _("This portal does not connect teams to %(host)s. Ask its administrator to allow that.")
                % {"host": host}
            )
        return address

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"].strip()
        if not key.isascii() or any(character.isspace() for character in key):
            raise ValidationError(_("A key contains no spaces, line breaks or accents."))
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        moved = self.own is None or cleaned.get("base_url") != self.own.base_url
        if "key" in cleaned and not cleaned["key"] and moved:
            # Never send the stored key to an address that somebody else entered.
            self.add_error("key", _("Enter the key that belongs to this address."))
        return cleaned

    def wanted(self) -> ConnectionSettings:
        """For valid forms only."""
        return ConnectionSettings(**self.cleaned_data)


def _is_allowed(host: str, port: int | None) -> bool:
    """An allowed host without a port allows the https port only."""
    if "*" in settings.OWN_CONNECTION_HOSTS:
        return True
    named = [urlsplit(f"https://{item}") for item in settings.OWN_CONNECTION_HOSTS]
    return (host, port) in {(item.hostname, _port_of(item)) for item in (*named, urlsplit(settings.ANESYA_BASE_URL))}


def _port_of(parts: SplitResult) -> int | None:
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
