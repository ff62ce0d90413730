"""Rows that people added and removed get a place of their own, instead of being guessed from the flags of their values.

Until now a removed row was known by its values' flags, and an added one by its values' paths. What the history says of
rows is written down per document; flags that disagree with it, and values in rows that never were, are set right.
"""

import json
import re

from django.db import migrations, models
from django.db.models import Q

ROW = re.compile(r"\[(\d+)\]")
STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
BATCH = 500


def note_rows(apps, schema_editor):
    Extraction = apps.get_model("extractions", "Extraction")
    Change = apps.get_model("extractions", "Change")
    Value = apps.get_model("extractions", "Value")
    in_rows = Value.objects.filter(Q(corrected=True) | Q(removed=True) | ~Q(answer=""), path__contains="[")
    wanted = set(in_rows.order_by().values_list("extraction", flat=True).distinct())
    wanted |= set(Change.objects.filter(kind__in=("add", "remove")).values_list("extraction", flat=True).distinct())
    for pk in sorted(wanted):
        data = _unpacked(Extraction.objects.values_list("extracted_data", flat=True).get(pk=pk))
        values = list(Value.objects.filter(extraction=pk, path__contains="[").only("pk", "path", "removed"))
        edits = {"added": _added(data, values), "removed": _removed(Change.objects.filter(extraction=pk))}
        for removed in (True, False):
            wrong = [row.pk for row in values if row.removed != removed and _is_gone(row.path, data, edits) == removed]
            for begin in range(0, len(wrong), BATCH):
                Value.objects.filter(pk__in=wrong[begin : begin + BATCH]).update(removed=removed)
        if edits["added"] or edits["removed"]:
            Extraction.objects.filter(pk=pk).update(row_edits=edits)


def _added(data, values):
    """For each list, how many numbers follow those of the extracted rows without a gap."""
    numbers = {}
    for value in values:
        for found in ROW.finditer(value.path):
            numbers.setdefault(value.path[: found.start()], set()).add(int(found[1]))
    added = {}
    for path, known in numbers.items():
        first = last = len(_rows(data, path))
        while last in known:
            last += 1
        if last > first:
            added[path] = last - first
    return added


def _removed(changes):
    """The rows that are gone by the last thing that was done to each."""
    gone = {}
    kinds = ("add", "remove", "undo", "redo")
    for path, kind, of, after in changes.filter(kind__in=kinds).order_by("pk").values_list(
        "path", "kind", "of__kind", "after"
    ):
        if kind in ("add", "remove") or of in ("add", "remove"):
            gone[path] = bool(isinstance(after, dict) and after.get("removed"))
    return sorted(path for path, is_gone in gone.items() if is_gone)


def _is_gone(path, data, edits):
    for found in ROW.finditer(path):
        of = path[: found.start()]
        if path[: found.end()] in edits["removed"]:
            return True
        if int(found[1]) >= len(_rows(data, of)) + edits["added"].get(of, 0):
            return True
    return False


def _rows(data, path):
    for number, name in STEP.findall(path):
        if number:
            data = data[int(number)] if isinstance(data, list) and int(number) < len(data) else None
        else:
            data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, list) else []


def _unpacked(data):
    if isinstance(data, str) and data.lstrip()[:1] in {"{", "["}:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return data
    return data


class Migration(migrations.Migration):
    dependencies = [("extractions", "0009_turns")]

    operations = [
        migrations.AddField(
            model_name="change",
            name="batch",
            field=models.UUIDField(blank=True, null=True, verbose_name="done together"),
        ),
        migrations.AddField(
            model_name="extraction",
            name="revision",
            field=models.PositiveIntegerField(default=0, verbose_name="revision of the values"),
        ),
        migrations.AddField(
            model_name="extraction",
            name="row_edits",
            field=models.JSONField(blank=True, default=dict, verbose_name="rows added and removed"),
        ),
        migrations.RunPython(note_rows, migrations.RunPython.noop),
    ]
