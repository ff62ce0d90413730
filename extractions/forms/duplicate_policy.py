"""The form for when two documents are the same invoice."""

from __future__ import annotations

from django import forms

from extractions.models import DuplicateInvoicePolicy


class DuplicatePolicyForm(forms.ModelForm[DuplicateInvoicePolicy]):
    class Meta:
        model = DuplicateInvoicePolicy
        fields = ("enabled", "months", "amount", "days")
        widgets = {  # noqa: RUF012 - Django reads it
            "amount": forms.NumberInput(attrs={"class": "input", "step": "0.01", "min": "0"}),
            "months": forms.NumberInput(attrs={"class": "input"}),
            "days": forms.NumberInput(attrs={"class": "input"}),
        }
