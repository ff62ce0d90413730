"""Whether keys are strong, and what is sealed can be read."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.conf import settings

from extractions.models import Connection, Mailbox, Webhook
from extractions.monitoring.doctor.finding import Finding, unwise, well, wrong
from portal.people.second_factors import with_secrets
from portal.sealing import Unreadable, unseal

SHORTEST_KEY, FEWEST_CHARACTERS = 32, 10
SHORTEST_TOKEN = 16
SUBJECT = "secrets"
SEALED = (
    (Connection, "sealed_key", "keys of connections"),
    (Webhook, "sealed_secret", "secrets of webhooks"),
    (Mailbox, "sealed_password", "passwords of mailboxes"),
)
REMEDY = "Set SEALING_KEYS or SECRET_KEY_FALLBACKS to the key that they were sealed with, or enter them again."


def examine() -> Iterator[Finding]:
    weak = [name for name, value in _keys() if _is_weak(value)]
    if weak:
        sentence = f"{' and '.join(weak)} can be guessed."
        yield wrong(SUBJECT, sentence, "Take 50 random characters; docs/operate.md says how to replace a key.")
    else:
        yield well(SUBJECT, "The keys of the settings are long enough.")
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < SHORTEST_TOKEN:
        yield unwise(SUBJECT, "METRICS_TOKEN can be guessed.", f"Take at least {SHORTEST_TOKEN} random characters.")


def examine_sealed() -> Iterator[Finding]:
    """What the database has sealed; only where it answers."""
    lost = [f"{count} {words}" for words, count in _unreadable() if count]
    if lost:
        yield wrong(SUBJECT, f"Sealed with a key that is not in the settings: {', '.join(lost)}.", REMEDY)
    else:
        yield well(SUBJECT, "What is sealed can be read.")


def _keys() -> Iterator[tuple[str, str]]:
    yield "SECRET_KEY", settings.SECRET_KEY
    yield from (("SECRET_KEY_FALLBACKS", key) for key in settings.SECRET_KEY_FALLBACKS)
    yield from (("SEALING_KEYS", key) for key in settings.SEALING_KEYS)
    if settings.BACKUP_PASSPHRASE:
        yield "BACKUP_PASSPHRASE", settings.BACKUP_PASSPHRASE * 2  # a passphrase is stretched, so half is enough


def _is_weak(key: str) -> bool:
    return len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS


def _unreadable() -> Iterator[tuple[str, int]]:
    for model, column, words in SEALED:
        values = model._default_manager.exclude(**{column: ""}).values_list(column, flat=True)
        yield words, sum(not _can_unseal(value) for value in values)
    factors = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("data", flat=True)
    yield "second factors", sum(not _can_unseal_all(data) for data in factors)


def _can_unseal(value: str) -> bool:
    try:
        unseal(value)
    except Unreadable:
        return False
    return True


def _can_unseal_all(data: dict[str, object]) -> bool:
    try:
        with_secrets(data, unseal)
    except Unreadable:
        return False
    return True
