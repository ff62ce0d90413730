"""Administrative changes to accounts, each recorded in the audit log."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from portal.audit.recording import Action, record
from portal.people import membership
from portal.people.invitations import withdraw_unauthorized
from portal.people.models import Membership, User

Snapshot = dict[str, object]


def snapshot(person: User) -> Snapshot:
    """The fields of an account that the audit log records."""
    return {
        "email": person.email,
        "name": person.name,
        "is_staff": person.is_staff,
        "is_superuser": person.is_superuser,
        "groups": sorted(person.groups.values_list("name", flat=True)),
        "permissions": sorted(person.user_permissions.values_list("codename", flat=True)),
    }


@transaction.atomic
def record_creation(person: User) -> None:
    record(Action.ACCOUNT_MADE, person, after=snapshot(person))


@transaction.atomic
def record_change(person: User, before: Snapshot) -> bool:
    """Call after saving an account: applies the consequences of the change and records it."""
    after = snapshot(person)
    changed_fields = [name for name in after if after[name] != before[name]]
    if not changed_fields:
        return False
    if before["is_superuser"] and not person.is_superuser:
        membership.require_another_site_administrator(leaving=person)
        withdraw_unauthorized(person)
    if "email" in changed_fields:
        _address_changed(person, str(before["email"]))
    record(
        Action.ACCOUNT_CHANGED,
        person,
        before={name: before[name] for name in changed_fields},
        after={name: after[name] for name in changed_fields},
    )
    return True


@transaction.atomic
def delete(person: User) -> None:
    """Delete the account and its memberships; documents stay with their teams."""
    if person.is_superuser:
        membership.require_another_site_administrator(leaving=person)
    for row in Membership.objects.filter(person=person).select_related("person", "team"):
        membership.remove(row)
    person.is_active = person.is_superuser = False
    person.save(update_fields=["is_active", "is_superuser"])
    withdraw_unauthorized(person)
    record(Action.ACCOUNT_DELETED, person, before={"email": person.email, "name": person.name})
    person.delete()


@transaction.atomic
def remove_second_factors(person: User) -> bool:
    """For people who lost theirs: the password alone is enough again. Ends all sessions, since a finder of the lost
    device may be signed in."""
    factors = sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    if not factors:
        return False
    Authenticator.objects.filter(user=person).delete()
    person.end_all_sessions()
    record(Action.SECOND_FACTOR_REMOVED, person, before={"factors": factors})
    return True


def _address_changed(person: User, old: str) -> None:
    """Replace the primary address; links that were sent to the old one become invalid."""
    EmailAddress.objects.filter(user=person, email__in=[old, person.email]).delete()
    EmailAddress.objects.filter(user=person, primary=True).update(primary=False)
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=False)
    record(Action.EMAIL_CHANGED, person, before={"email": old}, after={"email": person.email})
    addresses = {"from_email": old, "to_email": person.email}
    transaction.on_commit(
        lambda: get_adapter().send_notification_mail("account/email/email_changed", person, addresses, old)
    )
