"""Rate limits for wrong passwords and password reset mails.

Wrong passwords count per client, per client and account, and per account across unknown clients. A known device of
the person has a limit of its own instead.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from portal.people.devices import device_of
from portal.people.models import User
from portal.rate_limits import Counter, Limit, client_of, reset

CLIENT = Limit("sign-in-client", 20, 60)
CLIENT_LONG = Limit("sign-in-client-long", 120, 3600)
PAIR = Limit("sign-in-pair", 5, 300)
ACCOUNT = Limit("sign-in-account", 100, 600)
DEVICE = Limit("sign-in-device", 10, 300)
RESET_CLIENT = Limit("reset-client", 20, 600)
RESET_ADDRESS = Limit("reset-address", 3, 900)


def counters_of(request: HttpRequest, address: str) -> list[Counter]:
    """The counters of a sign-in attempt, widest first, so that row locks are taken in one order."""
    person = person_of(address)
    account = person.pk if person is not None else address.strip().lower()
    if person is not None and (device := device_of(request, person)):
        return [DEVICE.counter(device, account)]
    client = client_of(request)
    return [
        CLIENT.counter(client),
        CLIENT_LONG.counter(client),
        ACCOUNT.counter(account),
        PAIR.counter(client, account),
    ]


def reset_counters(request: HttpRequest, address: str) -> None:
    """Called after a password reset, so that earlier wrong passwords no longer count for the account."""
    person = person_of(address)
    if person is None:
        return
    counters = [ACCOUNT.counter(person.pk), PAIR.counter(client_of(request), person.pk)]
    if device := device_of(request, person):
        counters.append(DEVICE.counter(device, person.pk))
    reset(counters)


def person_of(address: str) -> User | None:
    """The account with this address, or with it as a confirmed additional one. Unconfirmed addresses do not count, or
    the claimant's browser would become a known device of the owner's account."""
    email = address.strip().lower()
    person = User.objects.filter(email=email).first()
    if person is not None:
        return person
    confirmed = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    return confirmed.user if confirmed is not None else None
