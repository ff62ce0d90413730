"""What a schema is called, what the service should know beside its fields, and why it is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from extractions.schemas.json_types import JsonObject
from extractions.schemas.schema_files import MAX_BYTES, SchemaFile, Unreadable, read_file
from portal.people.models import Membership, Team, User


class OfTeamForm(forms.Form):
    """Something that a team writes. Only what is new asks for the team."""

    only_administrators: str | Promise = ""

    team = forms.ModelChoiceField(Team.objects.none(), label=gettext_lazy("Team"), empty_label=None)

    def __init__(self, *args: Any, person: User, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not new:
            del self.fields["team"]
            return
        teams = administered_by(person)
        field = self.fields["team"]
        field.queryset = teams  # type: ignore[attr-defined]
        if len(teams) < 2:
            field.required, field.widget = False, forms.HiddenInput()
        field.initial = teams.first()

    def clean_team(self) -> Team:
        team: Team | None = self.cleaned_data["team"] or self.fields["team"].initial
        if team is None:
            raise forms.ValidationError(str(self.only_administrators))
        return team


class SchemaAboutForm(OfTeamForm):
    only_administrators = gettext_lazy("Only administrators of a team write schemas.")
    field_order = ("name", "description", "additional_informations", "reason", "team")
    name = forms.CharField(
        max_length=150, label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    description = forms.CharField(
        required=False,
        max_length=5000,
        label=gettext_lazy("What it is for"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    additional_informations = forms.CharField(
        required=False,
        max_length=20_000,
        label=gettext_lazy("What else the service should know"),
        help_text=gettext_lazy("Jargon, abbreviations, how dates and amounts are written, what is easily mistaken."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("Why this version"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def file_with(self, schema: JsonObject) -> SchemaFile:
        given = self.cleaned_data
        more = given["additional_informations"].replace("\r\n", "\n")
        return SchemaFile(given["name"], given["description"], more, schema)


class SchemaFileForm(forms.Form):
    """A schema from a file; `file` is what it holds."""

    file = forms.FileField(
        label=gettext_lazy("JSON file"), widget=forms.FileInput(attrs={"accept": ".json,application/json"})
    )
    schema: SchemaFile
    problem: Unreadable | None = None

    def clean_file(self) -> None:
        content = self.cleaned_data["file"]
        try:
            self.schema = read_file(content.read(MAX_BYTES + 1))
        except Unreadable as problem:
            self.problem = problem
            raise forms.ValidationError(problem.code) from problem


def administered_by(person: User) -> Any:
    """The teams whose schemas this person may write; all for site administrators."""
    teams = Team.objects.order_by("name", "pk")
    if person.is_superuser:
        return teams
    return teams.filter(memberships__person=person, memberships__role=Membership.Role.ADMINISTRATOR)
