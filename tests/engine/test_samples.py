"""The sample schemas speak the languages of the portal."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from django.apps import apps

from engine import accounts
from engine.models import ExtractSchema

pytestmark = pytest.mark.django_db
migration = import_module("engine.migrations.0005_sample_schemas_in_french")
SAMPLES = json.loads((accounts.SAMPLES / "schemas.json").read_text("utf-8"))


def fields(node):
    for field in node.get("properties", {}).values():
        yield field
        yield from fields(field)
        yield from fields(field.get("items", {}))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["name"])
def test_every_field_has_its_title_and_its_description_in_french(sample):
    found = list(fields(sample["schema"]))

    assert len(found) > 10
    assert all(field["context:titles"]["fr"] and field["context:help"]["fr"] for field in found)


def test_untouched_samples_of_earlier_versions_become_translated_and_changed_ones_stay():
    accounts.create("Ours")
    for row in ExtractSchema.objects.all():
        row.schema = migration.plain(row.schema)
        row.save()
    changed = ExtractSchema.objects.get(name="Receipt")
    changed.schema["properties"]["tip"]["title"] = "Gratuity"
    changed.save()

    migration.translate(apps, None)

    assert ExtractSchema.objects.get(name="Invoice").schema == SAMPLES[0]["schema"]
    assert ExtractSchema.objects.get(name="Receipt").schema == changed.schema

    migration.restore(apps, None)

    assert ExtractSchema.objects.get(name="Invoice").schema == migration.plain(SAMPLES[0]["schema"])
