import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('extractions', '0008_double_payments'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='extraction',
            name='last_changed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='values last changed by'),
        ),
        migrations.AlterField(
            model_name='change',
            name='kind',
            field=models.CharField(choices=[('set', 'Changed'), ('confirm', 'Confirmed'), ('illegible', 'Illegible'), ('absent', 'Not in the document'), ('revert', 'Back to the extracted value'), ('place', 'Place marked'), ('add', 'Row added'), ('remove', 'Row removed'), ('undo', 'Undone'), ('redo', 'Done again'), ('withdraw', 'First approval withdrawn')], max_length=20, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='SecondPersonPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('above', models.DecimalField(blank=True, decimal_places=10, max_digits=30, null=True, verbose_name='amounts above')),
                ('first', models.PositiveIntegerField(default=0, verbose_name='the first so many documents')),
                ('share', models.PositiveSmallIntegerField(default=0, verbose_name='so many of a hundred')),
                ('schema', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='second_person_policies', to='extractions.schema', verbose_name='schema')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='second_person_policies', to='people.team', verbose_name='team')),
            ],
            options={
                'verbose_name': 'policy for a second person',
                'verbose_name_plural': 'policies for a second person',
                'constraints': [models.UniqueConstraint(fields=('team', 'schema'), name='one_policy_per_schema_and_team')],
            },
        ),
    ]
