"""Who reads the database learns no second factor."""

import importlib

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from extractions.models import Connection, Mailbox, Webhook
from portal.people.second_factors import reseal_all
from portal.sealing import Unreadable, seal, unseal
from tests.factories import SIGNING_SECRET, make_connection, make_team, make_webhook

SEED = "JBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


def code(seed=SEED):
    return format_hotp_value(hotp_value(seed, next(iter(yield_hotp_counters_from_time()))))


def stored():
    return repr(list(Authenticator.objects.values_list("data", flat=True)))


def test_seeds_and_recovery_codes_are_sealed(alice):
    factor, codes = TOTP.activate(alice, SEED), RecoveryCodes.activate(alice)

    assert SEED not in stored()
    assert unseal(Authenticator.objects.get(type="totp").data["secret"]) == SEED
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert len(unseal(seed)) == 80
    assert not any(item in stored() for item in codes.get_unused_codes())
    assert factor.validate_code(code())
    assert codes.validate_code(codes.get_unused_codes()[0])


def test_what_was_stored_in_the_clear_is_sealed_by_the_migration(alice, bob):
    Authenticator.objects.create(user=alice, type="totp", data={"secret": SEED})
    Authenticator.objects.create(user=alice, type="recovery_codes", data={"seed": "ab" * 40, "used_mask": 5})
    Authenticator.objects.create(user=bob, type="recovery_codes", data={"migrated_codes": ["11112222", "33334444"]})
    passkey = {"name": "Key", "credential": {"id": "x"}}
    Authenticator.objects.create(user=alice, type="webauthn", data=passkey)
    migration = importlib.import_module("portal.people.migrations.0003_seal_second_factors")

    migration.seal_all(apps, None)

    for clear in (SEED, "ab" * 40, "11112222", "33334444"):
        assert clear not in stored()
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code())
    assert Authenticator.objects.get(user=alice, type="recovery_codes").data["used_mask"] == 5
    assert Authenticator.objects.get(user=bob, type="recovery_codes").wrap().validate_code("33334444")
    assert Authenticator.objects.get(type="webauthn").data == passkey
    migration.unseal_all(apps, None)
    assert Authenticator.objects.get(type="totp").data == {"secret": SEED}


def test_key_is_rotated(alice, settings, capsys):
    settings.SEALING_KEYS = ["first key"]
    TOTP.activate(alice, SEED)
    RecoveryCodes.activate(alice)
    connection = make_connection(sealed_key=seal("sesame"))
    webhook = make_webhook(make_team())
    mailbox = Mailbox.objects.create(team=make_team(), sealed_password=seal("of mails"))

    settings.SEALING_KEYS = ["second key", "first key"]
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code())
    call_command("reseal")
    assert (
        "1 keys of services, 1 secrets of webhooks, 1 passwords of mailboxes, 2 second factors"
        in capsys.readouterr().out
    )

    settings.SEALING_KEYS, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ["second key"], "another", []
    assert unseal(Authenticator.objects.get(type="totp").data["secret"]) == SEED
    assert len(unseal(Authenticator.objects.get(type="recovery_codes").data["seed"])) == 80
    assert unseal(Connection.objects.get(pk=connection.pk).sealed_key) == "sesame"
    assert Webhook.objects.get(pk=webhook.pk).secrets(timezone.now()) == [SIGNING_SECRET]
    assert Mailbox.objects.get(pk=mailbox.pk).password() == "of mails"


def test_lost_key_lets_nobody_in_and_nothing_break(alice, settings, caplog):
    """Not even with the code of an empty seed."""
    TOTP.activate(alice, SEED)
    settings.SEALING_KEYS, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ["lost"], "lost too", []

    factor = Authenticator.objects.get(type="totp").wrap()

    with pytest.raises(Unreadable):
        unseal(factor.instance.data["secret"])
    assert not factor.validate_code(code())
    assert not factor.validate_code(code(""))
    assert "cannot be read" in caplog.text
    assert reseal_all() == 0
