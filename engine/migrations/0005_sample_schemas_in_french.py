"""Gives the sample schemas that were not changed since their French titles and descriptions."""

import json
from pathlib import Path

from django.db import migrations

SAMPLES = Path(__file__).parents[1] / "samples" / "schemas.json"
BY_LANGUAGE = ("context:titles", "context:help")


def plain(node):
    """The schema without what it says in other languages."""
    if isinstance(node, dict):
        return {name: plain(below) for name, below in node.items() if name not in BY_LANGUAGE}
    return [plain(below) for below in node] if isinstance(node, list) else node


def translate(apps, _editor):
    listed = json.loads(SAMPLES.read_text("utf-8"))
    samples = {json.dumps(plain(sample["schema"]), sort_keys=True): sample["schema"] for sample in listed}
    for row in apps.get_model("engine", "ExtractSchema").objects.exclude(schema=None):
        translated = samples.get(json.dumps(row.schema, sort_keys=True))
        if translated is not None:
            row.schema = translated
            row.save(update_fields=["schema"])


def restore(apps, _editor):
    samples = {json.dumps(sample["schema"], sort_keys=True) for sample in json.loads(SAMPLES.read_text("utf-8"))}
    for row in apps.get_model("engine", "ExtractSchema").objects.exclude(schema=None):
        if json.dumps(row.schema, sort_keys=True) in samples:
            row.schema = plain(row.schema)
            row.save(update_fields=["schema"])


class Migration(migrations.Migration):
    dependencies = [("engine", "0004_proposals")]
    operations = [migrations.RunPython(translate, restore)]
