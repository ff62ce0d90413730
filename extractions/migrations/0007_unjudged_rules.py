from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('extractions', '0007_crash_suspects'),
    ]

    operations = [
        migrations.AddField(
            model_name='extraction',
            name='unjudged_rules',
            field=models.JSONField(blank=True, help_text='[{"text", "code", "part"}]', null=True, verbose_name='rules that could not be judged'),
        ),
    ]
