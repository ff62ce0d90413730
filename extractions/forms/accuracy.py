"""What the accuracy page is asked about, and how many documents are drawn for a second look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.accuracy.report import Choice
from extractions.models.accuracy import LONGEST_TEXT
from extractions.presentation.operations.accuracy import SchemaChoice
from portal.people.models import Team


class MonthField(forms.CharField):
    """A month as browsers send it, `2026-11`; cleaned to its first day."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-11"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return date.fromisoformat(f"{text}-01")
        except ValueError as error:
            raise forms.ValidationError(_("Write a month as year and month, such as 2026-11.")) from error


class AccuracyForm(forms.Form):
    schema = forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None, label=gettext_lazy("Schema"), choices=()
    )
    supplier = forms.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        label=gettext_lazy("Supplier"),
        widget=forms.TextInput(attrs={"list": "suppliers", "autocomplete": "off"}),
    )
    since = MonthField(required=False, label=gettext_lazy("From"))
    until = MonthField(required=False, label=gettext_lazy("Until"))
    version = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    field = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)
    team = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, object], team: Team, schemas: Sequence[SchemaChoice]) -> None:
        super().__init__(data)
        self._team = team
        self._versions = {choice.value: choice.versions for choice in schemas}
        choices: object = [("", _("All schemas")), *((str(choice.value), choice.name) for choice in schemas)]
        self.fields["schema"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last month lies before the first one."))
        return given

    @property
    def choice(self) -> Choice:
        given = self.cleaned_data
        versions = self._versions.get(given["schema"], ())
        return Choice(
            self._team.pk, None if versions else given["schema"], versions, given["version"],
            given["supplier"].strip(), given["field"], given["since"], given["until"],
        )  # fmt: skip


class SecondLookShareForm(forms.Form):
    share = forms.IntegerField(min_value=0, max_value=100, label=gettext_lazy("Drawn for a second look, in %"))
