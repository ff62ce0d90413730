"""Describes audit entries about documents. Entries only refer to changes, whose values are read from the document's
history, so that the log holds nothing of a document once that is erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.exports.making import FORMATS
from extractions.models import Change, Extraction, Value
from extractions.presentation.document.wording import label_of
from extractions.presentation.review.review_fields import written
from extractions.result.field_labels import is_amount
from extractions.result.schema import schema_at
from extractions.review.typed_values import kind_at
from portal.audit import descriptions
from portal.audit.descriptions import Detail, plain
from portal.audit.models import Entry
from portal.audit.pseudonyms import with_pseudonyms

LONGEST = 200  # characters of a value


def describe(entries: Sequence[Entry]) -> dict[int, list[Detail]]:
    """Details of edits and exports, by entry id."""
    edits = [entry for entry in entries if entry.subject_kind == "extraction" and "path" in _after(entry)]
    exports = [entry for entry in entries if entry.action == Entry.Action.EXPORTED and "form" in _after(entry)]
    changes = _changes_of(edits)
    found = {
        entry.pk: [_detail(entry, changes.get(_after(entry).get("change", 0))), *_others(entry)] for entry in edits
    }
    return found | {entry.pk: _export(entry) for entry in exports}


def _after(entry: Entry) -> dict[str, Any]:
    return entry.after if isinstance(entry.after, dict) else {}


def _changes_of(entries: Sequence[Entry]) -> Mapping[int, Change]:
    numbers = [_after(entry)["change"] for entry in entries if isinstance(_after(entry).get("change"), int)]
    rows = Change.objects.filter(pk__in=numbers, extraction__delete_requested_at__isnull=True)
    rows = rows.select_related("extraction__schema").only(
        "path", "kind", "before", "after", "extraction__key", "extraction__team", "extraction__schema__schema"
    )
    return {change.pk: change for change in rows}


def _detail(entry: Entry, change: Change | None) -> Detail:
    kind = str(_after(entry).get("kind", ""))
    note = _note(kind)
    if change is None:
        gone = _("erased with the document") if "change" in _after(entry) else ""
        return Detail(_label(str(_after(entry)["path"]), None), "", gone, note)
    if change.extraction.team_id != entry.team_id:
        return Detail(_label(change.path, None), "", _("not shown: the document is in another team now"), note)
    schema = change.extraction.schema.schema if change.extraction.schema else None
    label = _label(change.path, schema)
    before, after = (_value(state, change.path, schema) for state in (change.before, change.after))
    if before is None or after is None:
        return Detail(label, note=note)
    if note.casefold() == after.casefold():
        note = ""  # the value says the same
    return Detail(label, "", after, note) if before == after else Detail(label, before, after, note)


def _others(entry: Entry) -> list[Detail]:
    """The number of further changes in the same batch, such as from pasting a table."""
    others = int(_after(entry).get("changes", 1)) - 1
    if others < 1:
        return []
    return [
        Detail("", "", ngettext("%(count)d further change", "%(count)d further changes", others) % {"count": others})
    ]


def _note(kind: str) -> str:
    """How the value came about; `set` reads as a correction."""
    if kind == Change.Kind.SET:
        return _("corrected")
    label = str(dict(Change.Kind.choices).get(kind, kind))
    return label[:1].lower() + label[1:]


def _label(path: str, schema: object) -> str:
    """`lines[1].amount` is "Amount (row 2)"."""
    above, _dot, name = path.rpartition(".")
    label = label_of(name.partition("[")[0] or path, schema_at(schema, path) if not name.endswith("]") else {})
    place = name if name.endswith("]") else above
    row = place.rpartition("[")[2].removesuffix("]") if place.endswith("]") else ""
    return _("%(label)s (row %(row)d)") % {"label": label, "row": int(row) + 1} if row.isdecimal() else label


def _value(state: object, path: str, schema: object) -> str | None:
    """The formatted value; None for changes without values, such as added and removed rows."""
    if not isinstance(state, dict) or "value" not in state:
        return None
    if state.get("answer"):
        return str(Value.Answer(state["answer"]).label)
    value = state["value"]
    text = written(value, kind_at(schema, path, value), money=is_amount(path, schema_at(schema, path)))
    text = text or _("empty")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _export(entry: Entry) -> list[Detail]:
    form = str(_after(entry)["form"])
    words = str(FORMATS[form][0]) if form in FORMATS else form.upper()
    details = [Detail(_("Export %(number)d") % {"number": entry.pk}, "", words)]
    if count := _after(entry).get("documents"):
        details.append(Detail("", "", ngettext("%(count)d document", "%(count)d documents", count) % {"count": count}))
    return details + plain(None, {"search": _after(entry).get("search", "")})


# Entries in a document's history: all but views, and what the document's own columns record.
ON_HISTORY = frozenset(Entry.Action) - {
    Entry.Action.SEEN, Entry.Action.FILE_SEEN, Entry.Action.RECEIVED, Entry.Action.CANCELLED, Entry.Action.DECIDED,
}  # fmt: skip


def lines_of(extraction: Extraction, most: int = 500) -> list[tuple[Entry, list[Detail]]]:
    """Audit entries of this document and of exports that contained it, newest first, with details."""
    about = Entry.objects.about("extraction", str(extraction.key)).filter(action__in=ON_HISTORY).newest_first()
    exported = extraction.exported.order_by("-entry_number").values_list("entry_number", flat=True)
    with_others = Entry.objects.filter(pk__in=list(exported[:most])).exclude(subject_kind="extraction")
    found = with_pseudonyms([*about[:most], *with_others])
    details = descriptions.describe(found)
    return [(entry, details[entry.pk]) for entry in found]
