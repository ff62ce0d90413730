"""What may come in from a person about people."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.people.models import Membership, User


def new_password() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 10 characters. A few unrelated words are easy to keep."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class AccountForm(forms.Form):
    """What a new account needs."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = new_password()

    def clean(self) -> dict[str, Any]:
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
    """An account made by an invitation. Whoever has one already signs in instead."""

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exists():
            raise ValidationError(_("There is an account with this address. Sign in, then open the link again."))
        return email


class InvitationForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.UPLOADER)
    note = forms.CharField(
        label=_("For whom"), max_length=150, required=False, help_text=_("A name or an address, to tell links apart.")
    )


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name of the team"), max_length=100)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role.choices)


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """allauth gives the name no label that could be translated."""

    name = forms.CharField(label=_("Name"), required=False)


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name"))
