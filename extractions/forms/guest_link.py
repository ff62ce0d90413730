"""The forms for guest links: a new one, and who may make them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from extractions.services.guest_links import GuestLinkOptions
from portal.people.models import Membership

USUAL_DAYS = 14
SHORTEST_PASSWORD = 8


class GuestLinkForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        label=gettext_lazy("For whom"),
        help_text=gettext_lazy("Whoever you send it to. The name stands in the list and in the watermark."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.IntegerField(min_value=1, label=gettext_lazy("Valid for (days)"))
    password = forms.CharField(
        required=False,
        min_length=SHORTEST_PASSWORD,
        max_length=128,
        label=gettext_lazy("Password (optional)"),
        help_text=gettext_lazy("Send it separately from the link, by telephone for example. It cannot be shown again."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    masked = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Hidden fields"), widget=forms.CheckboxSelectMultiple
    )
    pages_shown = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Show the pages"))
    files_offered = forms.BooleanField(
        required=False,
        initial=True,
        label=gettext_lazy("Offer files to download"),
        help_text=gettext_lazy(
            "The values as CSV and JSON. The original only if nothing is hidden and there is no watermark."
        ),
    )
    watermark = forms.BooleanField(
        required=False,
        label=gettext_lazy("Watermark on the pages"),
        help_text=gettext_lazy("“For”, the recipient’s name and today’s date, across each page."),
    )

    def __init__(self, data: Any = None, *, fields: Sequence[tuple[str, str]]) -> None:
        most = settings.GUEST_LINK_MAX_DAYS
        super().__init__(data, initial={"days": min(USUAL_DAYS, most)})
        days = self.fields["days"]
        days.validators.append(MaxValueValidator(most))
        days.widget.attrs["max"] = most
        days.help_text = ngettext("At most %(count)d day.", "At most %(count)d days.", most) % {"count": most}
        self.fields["masked"].choices = list(fields)  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise forms.ValidationError(_("Say who the link is for."))
        return name

    def options(self) -> GuestLinkOptions:
        """For valid forms only."""
        facts = dict(self.cleaned_data)
        return GuestLinkOptions(expires_at=timezone.now() + timedelta(days=facts.pop("days")), **facts)


class GuestLinkPolicyForm(forms.Form):
    role = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Who may make guest links"),
        choices=[
            (Membership.Role.VIEWER, gettext_lazy("Everybody on the team")),
            (Membership.Role.UPLOADER, gettext_lazy("Uploaders, reviewers and administrators")),
            (Membership.Role.REVIEWER, gettext_lazy("Reviewers and administrators")),
            (Membership.Role.ADMINISTRATOR, gettext_lazy("Administrators only")),
            ("", gettext_lazy("Nobody")),
        ],
    )
