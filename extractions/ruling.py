"""The form by which reviewers write a rule, and why one cannot be understood, in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import process

from extractions.evidence.rules.language import RuleError, parsed
from extractions.evidence.rules.own import paths_of, unknown_paths
from extractions.models import Schema
from extractions.services.rules import teams_to_rule_for
from portal.people.models import Team, User

MOST_NAMES = 3


class RuleForm(forms.Form):
    text = forms.CharField(
        max_length=500,
        label=gettext_lazy("Rule"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )
    message = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("What to say when it is broken"),
        help_text=gettext_lazy("Optional. Without it, the rule itself is shown."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=gettext_lazy("Team"), empty_label=None)

    def __init__(self, *args: Any, schema: Schema, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schema = schema
        teams = Team.objects.filter(pk__in=[team.pk for team in teams_to_rule_for(person)]).order_by("name", "pk")
        field = self.fields["team"]
        field.queryset = teams  # type: ignore[attr-defined]
        field.initial = teams.first()
        if len(teams) < 2:
            field.required, field.widget = False, forms.HiddenInput()

    def clean_text(self) -> str:
        text: str = " ".join(self.cleaned_data["text"].split())
        try:
            tree = parsed(text)
        except RuleError as error:
            raise forms.ValidationError(refusal(error)) from error
        unknown = unknown_paths(tree, self.schema.schema)
        if unknown:
            raise forms.ValidationError([self._unknown(path) for path in unknown[:MOST_NAMES]])
        return text

    def clean_team(self) -> Team:
        team: Team | None = self.cleaned_data["team"] or self.fields["team"].initial
        if team is None:
            raise forms.ValidationError(_("Only reviewers of a team can write rules."))
        return team

    def _unknown(self, path: str) -> str:
        near = process.extractOne(path, list(paths_of(self.schema.schema)), score_cutoff=60)
        if near:
            return _("The schema has no field “%(name)s”. Is it “%(near)s”?") % {"name": path, "near": near[0]}
        return _("The schema has no field “%(name)s”.") % {"name": path}


def refusal(error: RuleError) -> str:
    """Why a text is no rule."""
    part = {"part": error.part[:60]}
    match error.code:
        case "empty":
            return _("Write a rule first.")
        case "long":
            return _("This is too long for one rule. Write two.")
        case "nothing_said":
            return _("This names a value but demands nothing of it. Compare it: total > 0.")
        case "unfinished":
            return _("Something is missing at the end.")
        case "expected":
            return _("Here “%(part)s” is missing.") % part
        case "day":
            return _("“%(part)s” is no date of the calendar.") % part
        case "pattern":
            return _("“%(part)s” is no pattern. Write for example INV-\\d+ for INV- and digits.") % part
        case "heavy":
            return _("The pattern “%(part)s” could take for ever. Use fewer + and *, and none within another.") % part
    return _("“%(part)s” cannot be understood at this place.") % part
