from django.db import migrations


def switch_off(apps, schema_editor):
    """A rule holds for all versions of its schema from here on; where there are several, somebody looks at it first."""
    Rule = apps.get_model("extractions", "RetentionRule")
    Publication = apps.get_model("extractions", "SchemaPublication")
    for rule in Rule.objects.filter(enabled_at__isnull=False, schema__isnull=False):
        of_schema = Publication.objects.filter(version__studio__team=rule.team_id, schema=rule.schema_id)
        studios = list(of_schema.values_list("version__studio", flat=True))
        others = Publication.objects.filter(version__studio__in=studios, schema__isnull=False)
        if others.exclude(schema=rule.schema_id).exists():
            Rule.objects.filter(pk=rule.pk).update(enabled_at=None, enabled_by=None)


class Migration(migrations.Migration):
    dependencies = [("extractions", "0042_suspended_access")]

    operations = [migrations.RunPython(switch_off, migrations.RunPython.noop, elidable=True)]
