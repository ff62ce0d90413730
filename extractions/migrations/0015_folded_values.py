from django.db import migrations, models
from django.db.models import Q

import extractions.models.parts


def drop_beginnings(apps, schema_editor):
    """An index of PostgreSQL alone, which stood beside Django's."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS extractions_value_begins")


class Migration(migrations.Migration):
    """The column is added empty, which locks nothing for long; the worker fills it (extractions/search/reindexing.py)."""

    dependencies = [
        ("extractions", "0014_printed_adjustments"),
    ]

    operations = [
        migrations.AddField(
            model_name="value",
            name="folded",
            field=extractions.models.parts._FoldedText(editable=False, max_length=252, null=True),
        ),
        migrations.RemoveIndex(model_name="value", name="value_text"),
        migrations.RunPython(drop_beginnings, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="value",
            index=models.Index(
                condition=Q(("number__isnull", True), ("removed", False)),
                fields=["team_number", "name", "folded", "extraction"],
                name="value_words",
            ),
        ),
        migrations.AddIndex(
            model_name="value",
            index=models.Index(condition=Q(("folded__isnull", True)), fields=["folded", "id"], name="value_unfolded"),
        ),
    ]
