"""The form for how long a team keeps documents of a schema."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from extractions.models import RetentionRule, Schema, trash_days
from extractions.models.retention import ruled_schemas
from portal.people.models import Team, User


class RetentionRuleForm(forms.ModelForm[RetentionRule]):
    class Meta:
        model = RetentionRule
        fields = ("schema", "since", "original_days", "document_days", "through_trash")
        labels = {  # noqa: RUF012 - Django reads it
            "schema": _("Documents"),
            "since": _("Counted from"),
            "original_days": _("Erase originals after (days)"),
            "document_days": _("Erase everything after (days)"),
            "through_trash": _("Documents go to the trash first"),
        }
        widgets = {  # noqa: RUF012 - Django reads it
            "schema": forms.Select(attrs={"class": "input"}),
            "since": forms.Select(attrs={"class": "input"}),
            "original_days": forms.NumberInput(attrs={"class": "input", "min": "1"}),
            "document_days": forms.NumberInput(attrs={"class": "input", "min": "1"}),
        }

    def __init__(self, *args: Any, team: Team, person: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.instance.team = team
        taken = RetentionRule.objects.filter(team=team).exclude(pk=self.instance.pk)
        visible = Schema.objects.visible_to(person).offered()
        offered = Schema.objects.filter(Q(pk__in=visible) | Q(pk=self.instance.schema_id)).defer("schema")
        field = self.fields["schema"]
        elsewhere = ruled_schemas(team.pk, besides=self.instance.pk) - {self.instance.schema_id}
        field.queryset = offered.exclude(pk__in=elsewhere).order_by("name")  # type: ignore[attr-defined]
        field.help_text = _("A rule holds for all versions of a schema, also for those that are published later.")
        others_taken = taken.filter(schema__isnull=True).exists()
        field.required = others_taken
        field.empty_label = (  # type: ignore[attr-defined]
            _("Choose a schema") if others_taken else _("All documents whose schema has no rule of its own")
        )
        self.fields["through_trash"].help_text = _of_the_trash(trash_days(team.pk))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        originals, documents = values.get("original_days"), values.get("document_days")
        if originals is None and documents is None and not self.errors:
            raise forms.ValidationError(_("Say after how many days originals or documents are erased."))
        if originals is not None and documents is not None and originals >= documents:
            self.add_error("original_days", _("Originals go before the documents, or leave this empty."))
        return values


def _of_the_trash(days: int) -> str:
    if not days:
        return str(_("This team keeps no trash: documents are erased at once all the same."))
    return ngettext(
        "From there they can be restored for %(count)d day. Originals go at once.",
        "From there they can be restored for %(count)d days. Originals go at once.",
        days,
    ) % {"count": days}
