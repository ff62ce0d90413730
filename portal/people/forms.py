"""Forms about people and teams."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm, ResetPasswordForm, default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.people.api_tokens import TokenOptions
from portal.people.company.policy import is_the_only_way, passwords_closed
from portal.people.mail_queue import mail_queue
from portal.people.models import ApiToken, Membership, Team, User
from portal.people.sign_in_limits import RESET_ADDRESS, RESET_CLIENT
from portal.rate_limits import client_of, consume


def new_password() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 12 characters. A few unrelated words are easy to keep."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class AccountForm(forms.Form):
    """The fields of a new account."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = new_password()

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if password := cleaned.get("password"):
            person = User(email=cleaned.get("email", ""), name=cleaned.get("name", ""))
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class SetupForm(AccountForm):
    team = forms.CharField(
        label=_("Team"), max_length=100, help_text=_("The people who share documents. You can change it later.")
    )


class JoinForm(AccountForm):
    """Creates an account by invitation; people who have one sign in instead."""

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if belongs_to_another(email, None):
            raise ValidationError(_("There is an account with this address. Sign in, then open the link again."))
        return email


class InvitationForm(forms.Form):
    email = forms.EmailField(required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.UPLOADER)
    note = forms.CharField(
        label=_("For whom"), max_length=150, required=False, help_text=_("A name or an address, to tell links apart.")
    )


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name of the team"), max_length=100)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role.choices)


class TokenForm(forms.Form):
    """A new API token of one's own."""

    LIFETIMES = (
        ("30", _("30 days")),
        ("90", _("90 days")),
        ("365", _("1 year")),
        ("", _("unlimited")),
    )
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("The program that will use it, to tell tokens apart.")
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), empty_label=None)
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=ApiToken.Scope.choices,
        initial=[ApiToken.Scope.UPLOAD, ApiToken.Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing that it may do.")},
    )
    lifetime = forms.ChoiceField(label=_("Expires after"), choices=LIFETIMES, initial="90", required=False)
    repeats = forms.ChoiceField(
        label=_("The same file with the same options again"),
        choices=ApiToken.Repeat.choices,
        initial=ApiToken.Repeat.ANSWER,
        help_text=_("Either way it is paid once."),
    )

    def __init__(self, *args: Any, teams: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["team"]
        field.queryset = Team.objects.none() if teams is None else teams

    def options(self) -> TokenOptions:
        cleaned = self.cleaned_data
        days = cleaned["lifetime"]
        return TokenOptions(
            name=cleaned["name"],
            scopes=cleaned["scopes"],
            expires_at=timezone.now() + timedelta(days=int(days)) if days else None,
            repeats=cleaned["repeats"],
        )


class ServiceTokenForm(TokenForm):
    """A new token of a service: a program that belongs to the team instead of to a person."""

    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.UPLOADER)
    field_order = ("name", "role", "scopes", "lifetime", "repeats")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["team"]


def belongs_to_another(email: str, person: User | None) -> bool:
    """Whether another account has this address, as its own or as a confirmed additional one."""
    others = User.objects.exclude(pk=person.pk) if person is not None else User.objects.all()
    confirmed = EmailAddress.objects.filter(email=email.lower(), verified=True, user__in=others)
    return others.filter(email=email.lower()).exists() or confirmed.exists()


class NewAddressForm(AddEmailForm):  # type: ignore[misc]
    def clean_email(self) -> str:
        email = str(super().clean_email())
        if belongs_to_another(email, self.user):
            raise get_adapter().validation_error("email_taken")
        return email


class ResetRequestForm(ResetPasswordForm):  # type: ignore[misc]
    """Looks up the account after the response, so that neither its text nor its timing reveals whether one exists."""

    def clean_email(self) -> str:
        if is_the_only_way():
            raise passwords_closed()
        return str(get_adapter().clean_email(self.cleaned_data["email"]).strip().lower())

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        if not consume([RESET_CLIENT.counter(client_of(request))]):
            raise ImmediateHttpResponse(respond_429(request))
        address = str(self.cleaned_data["email"])
        mail_queue.enqueue(lambda: _send_reset_link(request, address))
        return address


def _send_reset_link(request: HttpRequest, address: str) -> None:
    people = filter_users_by_email(address, is_active=True, prefer_verified=True, for_login=True)
    if people and consume([RESET_ADDRESS.counter(address)]):
        request_password_reset(request, address, people, default_token_generator)
