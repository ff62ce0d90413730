"""Give each line of the log its place in the chain. The triggers are portal/audit/guard.py's from here on."""

from importlib import import_module

from django.conf import settings
from django.db import migrations, models

from portal.audit.chain import GENESIS_HASH, digest_of

BATCH = 1000
CONTENT = (
    "id", "at", "person_id", "person_name", "team_id", "action", "subject_kind", "subject_id", "subject_name",
    "before", "after", "address",
)
first_guard = import_module("portal.audit.migrations.0003_append_only")


def drop_triggers(apps, schema_editor):
    on_table = " ON audit_entry" if schema_editor.connection.vendor == "postgresql" else ""
    for name in ("audit_no_update", "audit_no_delete", "audit_no_replace", "audit_no_truncate"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def restore_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS audit_chained_once()")
        schema_editor.execute("DROP FUNCTION IF EXISTS audit_append_only()")
    first_guard.guard(apps, schema_editor)


def chain(apps, schema_editor):
    connection = schema_editor.connection
    entries = apps.get_model("audit", "Entry").objects.using(connection.alias).order_by("pk")
    position, previous, last = 0, GENESIS_HASH, 0
    while lines := list(entries.filter(pk__gt=last).values(*CONTENT)[:BATCH]):
        rows = []
        for line in lines:
            position += 1
            digest = digest_of(line, position, previous)
            rows.append((position, previous, digest, line["id"]))
            previous, last = digest, line["id"]
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE audit_entry SET position = %s, previous_hash = %s, hash = %s WHERE id = %s", rows
            )


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_append_only'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(drop_triggers, restore_triggers),
        migrations.AddField(
            model_name='entry',
            name='hash',
            field=models.CharField(blank=True, default='', editable=False, max_length=64, verbose_name='hash'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='entry',
            name='previous_hash',
            field=models.CharField(blank=True, default='', editable=False, max_length=64, verbose_name='hash of the line before'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='entry',
            name='position',
            field=models.PositiveBigIntegerField(editable=False, null=True, unique=True, verbose_name='place in the chain'),
        ),
        migrations.RunPython(chain, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('hash', '')), fields=['id'], name='audit_unchained'),
        ),
        migrations.RunPython(migrations.RunPython.noop, drop_triggers),
    ]
