"""Which documents a schema is proposed from: files that are dropped, and documents that are there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from extractions.forms.schema_about import administered_by
from extractions.schemas.starting_points import LANGUAGES
from portal.parameters import row_id
from portal.people.models import Membership, Team, User


class ExamplesForm(forms.Form):
    team = forms.ModelChoiceField(Team.objects.none(), label=gettext_lazy("Team"), empty_label=None)
    language = forms.ChoiceField(label=gettext_lazy("Language of the fields"))

    def __init__(self, *args: Any, person: User, languages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = teams_of(person)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        self.fields["team"].initial = teams.first()
        if len(teams) < 2:
            self.fields["team"].widget = forms.HiddenInput()
        self.fields["language"].choices = languages  # type: ignore[attr-defined]


def teams_of(person: User) -> Any:
    """Those whose schemas the person may write, and whose documents the person sees."""
    return administered_by(person).filter(pk__in=Membership.objects.filter(person=person).values("team"))


def chosen_numbers(values: list[str]) -> list[int]:
    return [number for value in values if (number := row_id(value)) is not None]


def known_language(code: str) -> str:
    return code if code in LANGUAGES else LANGUAGES[0]
