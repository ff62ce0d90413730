"""Forms for uploads, their options, presets and budgets."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.intake.routing import AUTOMATIC, permitted_servers
from extractions.models import Budget, Classifier, Connection, Preset, Schema, Server
from portal.people.models import Membership, Team, User

if TYPE_CHECKING:
    from django.utils.datastructures import MultiValueDict

METADATA_ROWS = 20
KEY_LENGTH = 100
VALUE_LENGTH = 1000
SPARE_ROWS = 3
# The portal's own key in every document's metadata, by which a document is found after a lost response.
RESERVED = "portal_key"
SERVERS = [(AUTOMATIC, gettext_lazy("Automatic")), *Server.choices]


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One or more files. Size, type and content are checked per file later: a bad one must not stop the others."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        files = data if isinstance(data, list | tuple) else [data]
        files = [file for file in files if file]
        if not files:
            raise forms.ValidationError(_("Choose at least one file."), code="required")
        return files


class MetadataWidget(forms.Widget):
    """Rows of two inputs, `metadata_key` and `metadata_value`, drawn by _upload_metadata.html."""

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, UploadedFile[bytes]], name: str
    ) -> list[tuple[str, str]]:
        keys, values = (self._all(data, f"{name}_{part}") for part in ("key", "value"))
        values += [""] * (len(keys) - len(values))
        return [(key.strip(), value.strip()) for key, value in zip(keys, values, strict=False)]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        return f"{name}_key" not in data

    @staticmethod
    def _all(data: Any, name: str) -> list[str]:
        found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [str(item).replace("\0", "") for item in found]  # PostgreSQL rejects NUL


class MetadataField(forms.Field):
    """A flat object of strings, with a message for each kind of error."""

    widget = MetadataWidget

    def clean(self, value: Any) -> dict[str, str]:
        rows = [(key, text) for key, text in value or () if key or text]
        if len(rows) > METADATA_ROWS:
            raise forms.ValidationError(_("Metadata has room for %(count)s rows.") % {"count": METADATA_ROWS})
        found: dict[str, str] = {}
        for key, text in rows:
            if problem := _problem_of(key, text, found):
                raise forms.ValidationError(problem)
            found[key] = text
        return found


def _problem_of(key: str, text: str, before: Mapping[str, str]) -> str:
    if not key:
        return _("Metadata: “%(value)s” has no name.") % {"value": text[:40]}
    if key in before:
        return _("Metadata: “%(key)s” appears twice. Use each name once.") % {"key": key[:40]}
    if key == RESERVED:
        return _("Metadata: “%(key)s” is used by the portal itself. Choose another name.") % {"key": key}
    if len(key) > KEY_LENGTH:
        return _("Metadata: the name “%(key)s…” is longer than %(limit)s characters.") % {
            "key": key[:40],
            "limit": KEY_LENGTH,
        }
    if len(text) > VALUE_LENGTH:
        return _("Metadata: the value of “%(key)s” is longer than %(limit)s characters.") % {
            "key": key,
            "limit": VALUE_LENGTH,
        }
    if _is_nested(text):
        return _("Metadata: “%(key)s” holds a list or an object. Only plain text fits; use a row for each part.") % {
            "key": key
        }
    return ""


def _is_nested(text: str) -> bool:
    if text[:1] not in {"{", "["}:
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except RecursionError:
        return True
    except ValueError:
        return False


class OptionsForm(forms.Form):
    """The options of an extraction."""

    batch = forms.UUIDField(widget=forms.HiddenInput)
    """Generated with the page; with a file's content and options it forms the idempotency key."""
    team = forms.ModelChoiceField(Team.objects.none(), label=gettext_lazy("Team"), empty_label=None)
    schema = forms.ModelChoiceField(
        Schema.objects.none(),
        required=False,
        label=gettext_lazy("Schema"),
        empty_label=gettext_lazy("No schema: text and pictures only"),
        error_messages={"invalid_choice": gettext_lazy("This schema is not offered any more. Choose another one.")},
    )
    classifier = forms.ModelChoiceField(
        Classifier.objects.none(),
        required=False,
        label=gettext_lazy("Classifier"),
        empty_label=gettext_lazy("None"),
        error_messages={"invalid_choice": gettext_lazy("This classifier is not offered any more. Choose another one.")},
    )
    server = forms.ChoiceField(choices=SERVERS, label=gettext_lazy("Server"))
    pdf_page_start = forms.IntegerField(
        required=False,
        min_value=1,
        label=gettext_lazy("First page"),
        error_messages={"min_value": gettext_lazy("Pages count from 1.")},
    )
    pdf_page_end = forms.IntegerField(
        required=False,
        min_value=1,
        label=gettext_lazy("Last page"),
        error_messages={"min_value": gettext_lazy("Pages count from 1.")},
    )
    metadata = MetadataField(required=False, label=gettext_lazy("Metadata"))
    folder_as_metadata = forms.BooleanField(
        required=False, label=gettext_lazy("Keep the folder of each file as metadata")
    )

    def __init__(self, *args: Any, person: User, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connection = connection
        fields: dict[str, Any] = self.fields
        fields["team"].queryset = teams_to_send_for(person)
        fields["schema"].queryset = Schema.objects.filter(connection=connection).offered()
        fields["classifier"].queryset = connection.classifiers.filter(missing_since__isnull=True)
        fields["server"].initial = connection.default_server or settings.ANESYA_SERVER
        fields["batch"].initial = uuid.uuid4

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        start, end = cleaned.get("pdf_page_start"), cleaned.get("pdf_page_end")
        if start and end and start > end:
            self.add_error("pdf_page_end", _("The last page comes before the first one."))
        self._check_region(cleaned)
        return cleaned

    def _check_region(self, cleaned: Mapping[str, Any]) -> None:
        team, schema, server = (cleaned.get(name) for name in ("team", "schema", "server"))
        if team is None or not server or server == AUTOMATIC or self._connection.embedded:
            return
        permitted = permitted_servers(team.pk, schema.pk if schema else None)
        if permitted is not None and server not in permitted:
            words = _("These documents must stay in a region. Choose Automatic or one of these: %(servers)s.")
            self.add_error("server", words % {"servers": ", ".join(permitted)})

    @property
    def metadata_rows(self) -> list[tuple[str, str]]:
        """The rows as typed, and spare ones for browsers without scripts."""
        value = self["metadata"].value()
        rows = list(value.items()) if isinstance(value, Mapping) else [row for row in value or () if any(row)]
        return [*rows, *[("", "")] * SPARE_ROWS]

    def sentences(self) -> list[str]:
        """All errors as plain sentences."""
        return [str(error) for errors in self.errors.values() for error in errors]


class UploadForm(OptionsForm):
    """Documents and their options."""

    password = forms.CharField(
        required=False,
        strip=False,
        max_length=500,
        label=gettext_lazy("Password of the file"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    bind = forms.BooleanField(required=False, label=gettext_lazy("Make one document of all pictures"))
    document = SeveralFilesField(
        label=gettext_lazy("Files"),
        widget=SeveralFilesInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"}),
    )


class DraftForm(forms.Form):
    """Options of a single file. A missing field stays as it was; AS_THE_PAGE resets it to the page's options."""

    AS_THE_PAGE = "page"

    schema = forms.ChoiceField(required=False, label=gettext_lazy("Schema"))
    classifier = forms.ChoiceField(required=False, label=gettext_lazy("Classifier"))
    server = forms.ChoiceField(required=False, label=gettext_lazy("Server"))
    pdf_page_start = forms.IntegerField(required=False, min_value=1, label=gettext_lazy("First page"))
    pdf_page_end = forms.IntegerField(required=False, min_value=1, label=gettext_lazy("Last page"))
    metadata = MetadataField(required=False, label=gettext_lazy("Metadata"))

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        same = (self.AS_THE_PAGE, gettext_lazy("As chosen above"))
        schemas = Schema.objects.filter(connection=connection).offered()
        classifiers = connection.classifiers.filter(missing_since__isnull=True)
        none = ("", gettext_lazy("No schema: text and pictures only"))
        fields["schema"].choices = [same, none, *((str(row.pk), row.name) for row in schemas)]
        none = ("", gettext_lazy("None"))
        fields["classifier"].choices = [same, none, *((str(row.pk), row.name) for row in classifiers)]
        fields["server"].choices = [same, *SERVERS]

    most_metadata = METADATA_ROWS

    @property
    def metadata_rows(self) -> list[tuple[str, str]]:
        """The file's own metadata, or a spare row."""
        return list(self.initial.get("metadata", {}).items()) or [("", "")]

    def chosen(self) -> dict[str, Any]:
        """The submitted fields; None for those reset to the page's options."""
        submitted = {name: value for name, value in self.cleaned_data.items() if self._is_submitted(name)}
        return {name: None if value in (None, {}, self.AS_THE_PAGE) else value for name, value in submitted.items()}

    def _is_submitted(self, name: str) -> bool:
        return not self.fields[name].widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name))

    def sentences(self) -> list[str]:
        return [str(error) for errors in self.errors.values() for error in errors]


def teams_to_send_for(person: User) -> Any:
    """The teams for which this person may send documents: all but those where they are a viewer."""
    roles: Sequence[str] = [role for role in Membership.Role.values if role != Membership.Role.VIEWER]
    return Team.objects.filter(memberships__person=person, memberships__role__in=roles).order_by("pk")


class PresetForm(forms.Form):
    """Saves the current options under a name."""

    preset_name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    for_team = forms.BooleanField(required=False, label=gettext_lazy("For the whole team"))


class PresetNameForm(forms.ModelForm[Preset]):
    class Meta:
        model = Preset
        fields = ("name",)


class BudgetForm(forms.ModelForm[Budget]):
    """A team's cap of credits a month; empty for none."""

    class Meta:
        model = Budget
        fields = ("cap", "warn_at")
        labels = {  # noqa: RUF012 - that is how Django reads it
            "cap": gettext_lazy("Credits a month at most"),
            "warn_at": gettext_lazy("Warn from this percentage"),
        }
