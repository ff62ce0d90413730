"""The form for a team's policy on second approvals of a schema's documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.models import Schema, SecondPersonPolicy
from extractions.presentation.review.review_fields import written
from extractions.result.numbers import decimal_of
from extractions.review.policies import policy_for
from extractions.review.typed_values import Kind, NotThatKind, read
from portal.people.models import Team

AMOUNT = Kind("number")
HIGHEST = Decimal(10) ** 18


class SecondPersonForm(forms.Form):
    above = forms.CharField(
        max_length=60,
        required=False,
        label=gettext_lazy("Amounts above"),
        help_text=gettext_lazy("Empty for no limit. A document whose amount cannot be told counts as above it."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "number"}),
    )
    first = forms.IntegerField(
        min_value=0,
        max_value=SecondPersonPolicy.MOST_FIRST,
        required=False,
        label=gettext_lazy("The first documents"),
        help_text=gettext_lazy("How many, counting from the first document of this schema that the team received."),
    )
    share = forms.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        label=gettext_lazy("Share of all others, in %"),
        help_text=gettext_lazy("Drawn at random, once for each document."),
    )

    def __init__(self, data: Any = None, *, schema: Schema, team: Team) -> None:
        self.schema, self.team, self.kept = schema, team, policy_for(schema, team)
        above = None if self.kept.above is None else float(self.kept.above)
        initial = {
            "above": written(int(above) if above is not None and above.is_integer() else above, AMOUNT),
            "first": self.kept.first or "",
            "share": self.kept.share or "",
        }
        super().__init__(data, initial=initial, prefix=f"team{team.pk}")

    def clean_above(self) -> Decimal | None:
        text = self.cleaned_data["above"]
        try:
            amount = decimal_of(read(text, AMOUNT)) if text.strip() else None
        except NotThatKind as refused:
            raise forms.ValidationError(str(refused)) from refused
        if amount is not None and not 0 <= amount < HIGHEST:
            raise forms.ValidationError(_("Give an amount of 0 or more."))
        return amount

    @property
    def policy(self) -> SecondPersonPolicy:
        """The policy as typed if the form is valid, else as stored."""
        if not self.is_bound or not self.is_valid():
            return self.kept
        given = self.cleaned_data
        return SecondPersonPolicy(
            schema=self.schema, team=self.team,
            above=given["above"], first=given["first"] or 0, share=given["share"] or 0,
        )  # fmt: skip
