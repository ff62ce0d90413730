"""The form for what a person wants to be told, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from extractions.models import MailChoice, NoticeKind, NoticeSettings

PAGE, MAIL = "page_", "mail_"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of notice: what it is, and its two fields."""

    label: str
    page: forms.BoundField
    mail: forms.BoundField


class NoticeForm(forms.Form):
    def __init__(self, *args: Any, settings: NoticeSettings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in NoticeKind:
            label = str(kind.label)
            self.fields[PAGE + kind] = forms.BooleanField(
                required=False, initial=kind not in settings.hidden, label=label,
                widget=forms.CheckboxInput(attrs={"aria-labelledby": f"kind-{kind} head-page"}),
            )  # fmt: skip
            self.fields[MAIL + kind] = forms.ChoiceField(
                required=False, choices=MailChoice.choices, initial=settings.mails.get(kind, ""), label=label,
                widget=forms.Select(attrs={"class": "input", "aria-labelledby": f"kind-{kind} head-mail"}),
            )  # fmt: skip

    @property
    def rows(self) -> list[tuple[str, Row]]:
        return [(kind, Row(str(kind.label), self[PAGE + kind], self[MAIL + kind])) for kind in NoticeKind]

    @property
    def hidden(self) -> list[str]:
        return [str(kind) for kind in NoticeKind if not self.cleaned_data[PAGE + kind]]

    @property
    def mails(self) -> dict[str, str]:
        return {str(kind): choice for kind in NoticeKind if (choice := self.cleaned_data[MAIL + kind])}
