"""The form for the regions that a team's documents must not leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.models import Region, Schema
from extractions.services.regions import Ties


class RegionsForm(forms.Form):
    region = forms.ChoiceField(required=False, label=gettext_lazy("All documents of the team"))

    def __init__(self, data: Any, ties: Ties, schemas: Sequence[Schema]) -> None:
        super().__init__(data, initial={"region": ties.of_team})
        self._schemas = schemas
        choices = [("", _("not tied")), *Region.choices]
        self.fields["region"].choices = choices  # type: ignore[attr-defined]
        for schema in schemas:
            self.fields[f"schema-{schema.pk}"] = forms.ChoiceField(
                required=False, label=schema.name, choices=choices, initial=ties.of_schema.get(schema.pk, "")
            )

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = super().clean() or {}
        if self.ties.contradict:
            raise forms.ValidationError(
                _("A schema is tied to another region than the team: no server would be left for its documents.")
            )
        return given

    @property
    def ties(self) -> Ties:
        """As typed."""
        given = self.cleaned_data
        of_schema = {schema.pk: given.get(f"schema-{schema.pk}", "") for schema in self._schemas}
        return Ties(given.get("region", ""), {key: region for key, region in of_schema.items() if region})
