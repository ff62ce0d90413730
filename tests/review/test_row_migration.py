"""Documents reviewed before rows had identities of their own keep what people did to them."""

from __future__ import annotations

import importlib
import pkgutil

from django.apps import apps

from extractions import migrations
from extractions.models import Change, Extraction, Value
from extractions.presentation.document.fields import outline
from extractions.result.rows import RowEdits
from extractions.verification.review_status import current_data_of
from tests.review.making import DATA, make_bill

NAME = next(
    module.name for module in pkgutil.iter_modules(migrations.__path__) if module.name.endswith("row_identities")
)
note_rows = importlib.import_module(f"extractions.migrations.{NAME}").note_rows


def as_it_was_kept(bill, author, *changes):
    """Flags and history as they were written before: (kind, path, removed, what it undoes)."""
    kept = []
    for kind, path, removed, of in changes:
        before, after = {"removed": not removed}, {"removed": removed}
        undoes = kept[of] if of is not None else None
        kept.append(Change.objects.create(
            extraction=bill, path=path, author=author, kind=kind, before=before, after=after, of=undoes
        ))  # fmt: skip


def now(bill):
    row = Extraction.objects.get(pk=bill.pk)
    return current_data_of(row, row.values.all())


def test_removed_and_added_rows_keep_their_place(alice):
    bill = make_bill(alice)
    bill.values.filter(path__startswith="lines[0]").update(removed=True)
    added = {"extraction": bill, "path": "lines[2].amount", "position": 90, "corrected": True, "typed": 9, "text": "9"}
    Value.objects.create(**added)
    as_it_was_kept(bill, alice, ("add", "lines[2]", False, None), ("remove", "lines[0]", True, None))

    note_rows(apps, None)

    row = Extraction.objects.get(pk=bill.pk)
    assert row.row_edits == {"added": {"lines": 1}, "removed": ["lines[0]"]}
    assert now(bill)["lines"] == [DATA["lines"][1], {"amount": 9}]


def test_what_was_undone_is_there_again_and_numbers_are_not_used_twice(alice):
    bill = make_bill(alice)
    Value.objects.create(extraction=bill, path="lines[2].amount", position=90, corrected=True, removed=True)
    as_it_was_kept(
        bill, alice,
        ("remove", "lines[0]", True, None), ("undo", "lines[0]", False, 0),
        ("add", "lines[2]", False, None), ("undo", "lines[2]", True, 2),
    )  # fmt: skip

    note_rows(apps, None)

    row = Extraction.objects.get(pk=bill.pk)
    assert row.row_edits == {"added": {"lines": 1}, "removed": ["lines[2]"]}
    assert now(bill)["lines"] == DATA["lines"]


def test_paths_that_nobody_announced_are_not_read_any_more(alice):
    bill = make_bill(alice)
    for number, path in enumerate(("lines[200000000].amount", "lines[5].amount", "new[9].x")):
        Value.objects.create(extraction=bill, path=path, position=90 + number, corrected=True, typed=1, text="1")

    note_rows(apps, None)

    row = Extraction.objects.get(pk=bill.pk)
    assert row.row_edits == {}
    assert set(row.values.filter(removed=True).values_list("path", flat=True)) == {
        "lines[200000000].amount", "lines[5].amount", "new[9].x",
    }  # fmt: skip
    assert now(bill)["lines"] == DATA["lines"]
    assert "new" not in now(bill)


def test_documents_whose_rows_nobody_touched_stay_as_they_are(alice):
    bill = make_bill(alice)
    before = list(bill.values.values())

    note_rows(apps, None)

    assert list(bill.values.values()) == before
    values = list(bill.values.all())
    laid_out = outline(now(bill), bill.schema.schema, values, edits=RowEdits.read(bill.row_edits))
    assert [field.path for field in laid_out.tables[0].fields][:2] == ["lines[0].label", "lines[0].quantity"]
