from django.db import migrations, models


def keep_settings(apps, schema_editor):
    """What held for all teams holds for each team that may choose the schema, or has documents of it.

    A schema of a team's own connection is that team's; any other may be chosen by all teams.
    """
    Schema, Extraction = apps.get_model('extractions', 'Schema'), apps.get_model('extractions', 'Extraction')
    Policy, Team = apps.get_model('extractions', 'SecondPersonPolicy'), apps.get_model('people', 'Team')
    wanted = models.Q(second_above__isnull=False) | models.Q(second_first__gt=0) | models.Q(second_share__gt=0)
    everybody = set(Team.objects.values_list('pk', flat=True))
    for schema in Schema.objects.filter(wanted).select_related('connection'):
        documents = Extraction.objects.filter(schema=schema.pk).order_by()
        owner = schema.connection.team_id
        teams = everybody if owner is None else {owner, *documents.values_list('team', flat=True).distinct()}
        Policy.objects.bulk_create(
            Policy(
                team_id=team, schema_id=schema.pk, above=schema.second_above,
                first=schema.second_first, share=min(schema.second_share, 100),
            )
            for team in sorted(teams)
        )


def restore_settings(apps, schema_editor):
    """One setting for all teams again: the strictest of each, so that no document needs fewer people than before."""
    Schema, Policy = apps.get_model('extractions', 'Schema'), apps.get_model('extractions', 'SecondPersonPolicy')
    strictest = Policy.objects.order_by().values('schema').annotate(
        lowest=models.Min('above'), most=models.Max('first'), largest=models.Max('share')
    )
    for policy in strictest:
        Schema.objects.filter(pk=policy['schema']).update(
            second_above=policy['lowest'], second_first=policy['most'], second_share=policy['largest']
        )
    Policy.objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('extractions', '0008_second_person_policies'),
    ]

    operations = [
        migrations.RunPython(keep_settings, restore_settings),
        migrations.RemoveField(
            model_name='schema',
            name='second_above',
        ),
        migrations.RemoveField(
            model_name='schema',
            name='second_first',
        ),
        migrations.RemoveField(
            model_name='schema',
            name='second_share',
        ),
    ]
