"""The form for how long a team's trash keeps documents."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_TRASH_DAYS = 3650


class TrashForm(forms.Form):
    days = forms.IntegerField(
        min_value=0,
        max_value=MOST_TRASH_DAYS,
        label=_("Days in the trash"),
        widget=forms.NumberInput(attrs={"class": "input"}),
    )
