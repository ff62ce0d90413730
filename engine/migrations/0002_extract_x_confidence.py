from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='extract',
            name='x_confidence',
            field=models.JSONField(null=True),
        ),
    ]
