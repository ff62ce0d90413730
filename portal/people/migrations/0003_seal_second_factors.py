from django.db import migrations

from portal.sealing import seal, unseal

NAMES = ("secret", "seed")


def changed(data, change):
    result = dict(data)
    for name in NAMES:
        if isinstance(result.get(name), str):
            result[name] = change(result[name])
    if isinstance(result.get("migrated_codes"), list):
        result["migrated_codes"] = [change(code) for code in result["migrated_codes"]]
    return result


def each(apps, change):
    Authenticator = apps.get_model("mfa", "Authenticator")
    for authenticator in Authenticator.objects.filter(type__in=["totp", "recovery_codes"]):
        authenticator.data = changed(authenticator.data, change)
        authenticator.save(update_fields=["data"])


def seal_all(apps, schema_editor):
    each(apps, seal)


def unseal_all(apps, schema_editor):
    each(apps, unseal)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_session_epoch"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.RunPython(seal_all, unseal_all),
    ]
