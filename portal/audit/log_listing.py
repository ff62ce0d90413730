"""Filtering, paging and exporting the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.audit.descriptions import Detail, describe
from portal.audit.models import Entry, EntryQuerySet
from portal.audit.pseudonyms import with_pseudonyms
from portal.parameters import end_of_day, start_of_day
from portal.people.models import User

PAGE_SIZE = 100
ANY = ("", _("Any"))


class LogForm(forms.Form):
    """The filters of the list; all are optional."""

    person = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Person"), empty_label=_("Anybody"))
    action = forms.ChoiceField(choices=[ANY, *Entry.Action.choices], required=False, label=_("Action"))
    what = forms.CharField(max_length=255, required=False, label=_("About"))
    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: object, people: list[int]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        choices = User.objects.filter(pk__in=people).order_by("name", "email")
        self.fields["person"].queryset = choices  # type: ignore[attr-defined]

    def narrow(self, entries: EntryQuerySet) -> EntryQuerySet:
        filters = self.cleaned_data
        if filters.get("person"):
            entries = entries.filter(person=filters["person"].pk)
        if filters.get("action"):
            entries = entries.filter(action=filters["action"])
        if filters.get("what"):
            entries = entries.filter(subject_name__icontains=filters["what"])
        if filters.get("since"):
            entries = entries.filter(at__gte=start_of_day(filters["since"]))
        if filters.get("until"):
            entries = entries.filter(at__lt=end_of_day(filters["until"]))
        return entries


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry with its details in words."""

    entry: Entry
    details: list[Detail]


def page_of(entries: EntryQuerySet, before: int | None) -> tuple[list[LogLine], int | None]:
    """A page, newest first, and the cursor of the next page (a primary key), if there is one."""
    rows = entries.newest_first().select_related("team")
    if before:
        rows = rows.filter(pk__lt=before)
    found = with_pseudonyms(rows[: PAGE_SIZE + 1])
    details = describe(found[:PAGE_SIZE])
    lines = [LogLine(entry, details[entry.pk]) for entry in found[:PAGE_SIZE]]
    return lines, (lines[-1].entry.pk if len(found) > PAGE_SIZE else None)


HEADER = (
    "when", "person", "action", "kind", "what", "id", "team", "field", "before", "after", "note", "from",
    "position", "hash",
)  # fmt: skip
CHUNK = 500


def rows_of(entries: EntryQuerySet) -> Iterator[list[str]]:
    """The rows of the export with a header, oldest first; one row per detail."""
    yield list(HEADER)
    lines = entries.order_by("pk").select_related("team").iterator(chunk_size=CHUNK)
    while chunk := with_pseudonyms(islice(lines, CHUNK)):
        details = describe(chunk)
        for entry in chunk:
            team = entry.team.name if entry.team_id and entry.team else ""
            for detail in details[entry.pk] or [Detail("")]:
                yield [
                    entry.at.isoformat(timespec="seconds"), entry.person_name, entry.action, entry.subject_kind,
                    entry.subject_name, entry.subject_id, team, detail.label, detail.before, detail.after, detail.note,
                    entry.address, str(entry.position or ""), entry.hash,
                ]  # fmt: skip
