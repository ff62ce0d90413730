"""allauth's forms of the entrance and of second factors, in the portal's words and with the first field focused."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm, SetPasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ConfirmByCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm, LoginWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.audit.recording import Action, record_once
from portal.people.company.policy import is_the_only_way, passwords_closed
from portal.people.models import User
from portal.rate_limits import client_of


def focus(field: forms.Field) -> None:
    field.widget.attrs["autofocus"] = True


class SignInForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"
        given = self.is_bound and str(self.data.get("login", "")).strip()
        focus(self.fields["password" if given else "login"])


class ConfirmByPasswordForm(ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        focus(self.fields["password"])


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password, again")


class FirstPasswordForm(SetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password, again")


def _code_of(person: User) -> forms.CharField:
    """The field for a code of the app, or for a recovery code where there is no app."""
    has_app = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()
    field = forms.CharField(
        label=_("Code of the app") if has_app else _("Recovery code"),
        help_text=_("Or one of your recovery codes.") if has_app else "",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    if has_app:
        focus(field)
    return field


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_of(self.user)


class ConfirmBySecondFactorForm(ConfirmByCodeForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_of(self.user)


class AuthenticatorAppForm(ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("Code of the app")
        code.widget.attrs["inputmode"] = "numeric"
        focus(code)


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey, which signs in by itself unless that is unticked: then it is a second factor only."""

    name = forms.CharField(label=_("Name"), required=False, help_text=_("To tell it from your other ones."))
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        initial=True,
        help_text=_(
            "It then asks for fingerprint, face or PIN, and no password is needed. Otherwise it comes after it."
        ),
    )


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name"), max_length=100)


class PasskeySignInForm(LoginWebAuthnForm):  # type: ignore[misc]
    """Sign-in by a passkey alone. What is refused is recorded, at most once a minute for each client."""

    def clean_credential(self) -> Authenticator:
        if is_the_only_way():
            raise passwords_closed()
        try:
            authenticator: Authenticator = super().clean_credential()
        except (ValidationError, AttributeError) as error:  # the latter for what is no credential at all
            record_once(Action.SIGN_IN_FAILED, client_of(context.request), after={"way": "passkey"})
            raise ValidationError(
                _("This passkey opens no account here. Try another one, or your password.")
            ) from error
        return authenticator
