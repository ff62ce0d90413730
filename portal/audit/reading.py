"""The log as a list: which lines a person asks for, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.audit.models import Entry, EntryQuerySet
from portal.people.models import User

A_PAGE = 100
ANY = ("", _("Any"))


class LogForm(forms.Form):
    """What the list is narrowed to. Every field may be empty."""

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
        wanted = self.cleaned_data
        if wanted.get("person"):
            entries = entries.filter(person=wanted["person"].pk)
        if wanted.get("action"):
            entries = entries.filter(action=wanted["action"])
        if wanted.get("what"):
            entries = entries.filter(subject_name__icontains=wanted["what"])
        if wanted.get("since"):
            entries = entries.filter(at__gte=_midnight(wanted["since"]))
        if wanted.get("until"):
            entries = entries.filter(at__lt=_midnight(wanted["until"]) + timedelta(days=1))
        return entries


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the list and the export show it."""

    entry: Entry
    before: str
    after: str


def page_of(entries: EntryQuerySet, before: int | None) -> tuple[list[Line], int | None]:
    """A page of lines, newest first, and the number to ask with for the next page."""
    rows = entries.newest_first().select_related("team")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: A_PAGE + 1])
    lines = [line_of(entry) for entry in found[:A_PAGE]]
    return lines, (lines[-1].entry.pk if len(found) > A_PAGE else None)


def line_of(entry: Entry) -> Line:
    return Line(entry, _told(entry.before), _told(entry.after))


def rows_of(entries: EntryQuerySet) -> Iterator[list[str]]:
    """The lines as rows of an export, oldest first, with a head."""
    yield ["when", "person", "action", "kind", "what", "id", "team", "before", "after", "from"]
    for entry in entries.order_by("pk").select_related("team").iterator(chunk_size=1000):
        team = entry.team.name if entry.team_id and entry.team else ""
        yield [
            entry.at.isoformat(timespec="seconds"), entry.person_name, entry.action, entry.subject_kind,
            entry.subject_name, entry.subject_id, team, _told(entry.before), _told(entry.after), entry.address,
        ]  # fmt: skip


def _told(values: object) -> str:
    """`{"role": "viewer"}` as "role: viewer"."""
    if not isinstance(values, dict):
        return ""
    return ", ".join(f"{name}: {value}" for name, value in values.items())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
