"""The form for a rule of a team's own, and messages for rules that do not parse."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rapidfuzz import process

from extractions.evidence.rules.language import RuleError, parsed
from extractions.evidence.rules.own import MOST_RULES, unknown_paths
from extractions.models import Schema
from extractions.result.schema import leaf_paths
from extractions.review.rules import teams_writable_by
from portal.people.models import Team, User

MAX_NAMES = 3


class RuleForm(forms.Form):
    text = forms.CharField(
        max_length=500,
        label=gettext_lazy("Rule"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )
    message = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("Message when it is broken"),
        help_text=gettext_lazy("Optional. Without it, the rule itself is shown."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=gettext_lazy("Team"), empty_label=None)

    def __init__(self, *args: Any, schema: Schema, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schema = schema
        teams = Team.objects.filter(pk__in=[team.pk for team in teams_writable_by(person)]).order_by("name", "pk")
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
            raise forms.ValidationError([self._unknown(path) for path in unknown[:MAX_NAMES]])
        return text

    def clean_team(self) -> Team:
        team: Team | None = self.cleaned_data["team"] or self.fields["team"].initial
        if team is None:
            raise forms.ValidationError(_("Only reviewers of a team can write rules."))
        return team

    def clean(self) -> dict[str, object]:
        given = super().clean() or self.cleaned_data
        others = self.schema.rules.filter(team=given.get("team")).exclude(text=given.get("text", ""))
        if others.count() >= MOST_RULES:
            sentence = ngettext(
                "A team has at most %(count)d rule for a schema.", "A team has at most %(count)d rules for a schema.",
                MOST_RULES,
            )  # fmt: skip
            raise forms.ValidationError(sentence % {"count": MOST_RULES})
        return given

    def _unknown(self, path: str) -> str:
        near = process.extractOne(path, list(leaf_paths(self.schema.schema)), score_cutoff=60)
        if near:
            return _("The schema has no field “%(name)s”. Is it “%(near)s”?") % {"name": path, "near": near[0]}
        return _("The schema has no field “%(name)s”.") % {"name": path}


def why_unjudged(text: str) -> str:
    """Why a stored rule cannot be evaluated; empty if it can."""
    try:
        parsed(text)
    except RuleError as error:
        return unjudged(text, error.code, error.part)
    return ""


def unjudged(rule: str, code: str, part: str = "") -> str:
    """The sentence shown beside documents and rules."""
    why = refusal(RuleError(code, part))
    return _("The rule “%(rule)s” cannot be judged: %(why)s") % {"rule": rule, "why": why}


def refusal(error: RuleError) -> str:
    """The message for a rule that does not parse or cannot be evaluated."""
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
            return _("“%(part)s” is not a valid date.") % part
        case "number":
            return _("“%(part)s” has more digits than a rule can compute with.") % part
        case "heavy":
            return _("It takes too long on a document with so many values.")
    return PATTERNS[error.code] % part if error.code in PATTERNS else _misplaced(part)


def _misplaced(part: dict[str, str]) -> str:
    return _("“%(part)s” cannot be understood here.") % part


PATTERNS = {
    "pattern": gettext_lazy("“%(part)s” is not a valid pattern. Write, for example, INV-\\d+ for INV- and digits."),
    "pattern_long": gettext_lazy("The pattern “%(part)s” is too long: the limit is 200 characters."),
    "lookaround": gettext_lazy(
        "The pattern “%(part)s” looks ahead or behind with (?=…), (?!…), (?<=…) or (?<!…), which is not possible here. "
        "Describe the whole text, or write two rules."
    ),
    "backreference": gettext_lazy(
        "The pattern “%(part)s” refers back to one of its own groups, as \\1 does, which is not possible here."
    ),
    "repeats": gettext_lazy(
        "The pattern “%(part)s” repeats too much. Write + or * in place of large numbers in braces."
    ),
}
