"""The form for entering a classifier by hand. The API does not list them: id and name are on the service's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from extractions.models import Classifier


class ClassifierForm(forms.ModelForm[Classifier]):
    class Meta:
        model = Classifier
        fields = ("name", "remote_id")
        labels = {"name": _("Name"), "remote_id": _("Id at the service")}  # noqa: RUF012
        help_texts = {"remote_id": _("As the service's own pages show it.")}  # noqa: RUF012
        widgets = {  # noqa: RUF012
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "remote_id": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance.entered_by_hand:
            self.fields["remote_id"].disabled = True

    def clean_remote_id(self) -> str:
        remote_id: str = self.cleaned_data["remote_id"].strip()
        others = self.instance.connection.classifiers.exclude(pk=self.instance.pk)
        if others.filter(remote_id=remote_id).exists():
            raise forms.ValidationError(_("There is already a classifier with this id."))
        return remote_id
