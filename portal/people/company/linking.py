"""Which account belongs to somebody whom the provider vouches for. docs/accounts.md writes the rules down."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from portal.audit.recording import Action, record
from portal.people import accounts, api_tokens
from portal.people.company import groups
from portal.people.company.identity_token import Claims
from portal.people.company.provider import provider_key
from portal.people.company.refusals import SignInRefused
from portal.people.models import ApiToken, User
from portal.people.sign_in_limits import person_of

MAX_ADDRESS_LENGTH = 254


def person_for(claims: Claims) -> User:
    """The account, linked or made if need be, with memberships as the groups say; raises `SignInRefused`."""
    link = SocialAccount.objects.filter(provider=provider_key(), uid=claims["sub"]).select_related("user").first()
    if not groups.admits(claims):
        if link is not None:
            groups.withdraw_all(link.user)
        raise SignInRefused("groups")
    if link is not None and not link.user.is_active:
        raise SignInRefused("closed")
    with transaction.atomic():
        person: User = link.user if link is not None else _by_address(claims)
        groups.synchronize(person, claims)
    return person


def link(person: User, subject: str) -> None:
    """Let the provider's subject sign in to this account; raises `SignInRefused` if it has another one."""
    try:
        with transaction.atomic():
            SocialAccount.objects.create(user=person, provider=provider_key(), uid=subject)
            record(Action.ACCOUNT_CHANGED, person, person=person, after={"linked": True})
    except IntegrityError as error:
        raise SignInRefused("linked_elsewhere") from error


def _by_address(claims: Claims) -> User:
    email = _verified_address(claims)
    person = person_of(email)
    if person is None:
        return _new_person(email, claims)
    if not person.is_active:
        raise SignInRefused("closed")
    if person.is_staff or person.is_superuser:
        raise SignInRefused("administrator")
    if SocialAccount.objects.filter(user=person, provider=provider_key()).exists():
        raise SignInRefused("linked_elsewhere")
    if not EmailAddress.objects.filter(user=person, email=email, verified=True).exists():
        _forget_credentials(person)
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    link(person, claims["sub"])
    return person


def _verified_address(claims: Claims) -> str:
    email = str(claims.get("email", "")).strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise SignInRefused("no_address") from error
    if len(email) > MAX_ADDRESS_LENGTH:
        raise SignInRefused("no_address")
    vouched = email.rpartition("@")[2] in {domain.lower() for domain in settings.OIDC_TRUSTED_DOMAINS}
    if claims.get("email_verified") not in (True, "true") and not vouched:
        raise SignInRefused("unverified_address")
    return email


def _new_person(email: str, claims: Claims) -> User:
    if not settings.OIDC_CREATE_ACCOUNTS:
        raise SignInRefused("no_account")
    person = User.objects.create_user(email, None, name=_name_in(claims))
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    accounts.record_creation(person)
    link(person, claims["sub"])
    return person


def _name_in(claims: Claims) -> str:
    """On one line, and without what a database does not take."""
    name = str(claims.get("name", "")).encode(errors="replace").decode().replace("\0", " ")
    return " ".join(name.split())[:150]


def _forget_credentials(person: User) -> None:
    """Nobody showed so far that the address is theirs: whoever made the account must not stay in it, nor get a new
    password at another address."""
    EmailAddress.objects.filter(user=person).delete()
    person.set_unusable_password()
    person.save(update_fields=["password"])
    Authenticator.objects.filter(user=person).delete()
    person.end_all_sessions()
    for token in ApiToken.objects.filter(person=person, revoked_at=None):
        api_tokens.revoke(token)
