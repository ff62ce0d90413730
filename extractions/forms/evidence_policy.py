"""The form for how much may be wrong unseen."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CHOICES = tuple(map(Decimal, ("0", "0.2", "0.5", "1.0", "2.0", "5.0")))


class EvidencePolicyForm(forms.Form):
    wrong_unseen = forms.TypedChoiceField(
        coerce=Decimal,
        choices=[(str(choice), str(choice)) for choice in CHOICES],
        widget=forms.RadioSelect,
        label=gettext_lazy("How much may be wrong unseen"),
    )


def worded(choice: Decimal) -> str:
    """A choice as people read it."""
    if not choice:
        return _("Nothing: a person looks at every value")
    # Whole numbers on both sides: 2 in 1,000 rather than 0.2 in 100.
    of = 100 if choice == choice.to_integral_value() else 1000
    return _("%(wrong)s in %(all)s") % {
        "wrong": number_format(choice * of / 100, 0),
        "all": number_format(of, 0, force_grouping=True),
    }
