"""Forms for what comes in by itself: watched folders, and the options of their files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from extractions.forms.upload import KEY_LENGTH, RESERVED, MetadataField, OptionsForm
from extractions.models import Connection, FolderRule, Server, WatchedFolder
from extractions.models.incoming import IncomingOptions, IncomingSource
from extractions.services.watched_folders import overlapping, resolved
from portal.people.models import Membership, Team, User

SPARE_ROWS = 2


class IncomingOptionsForm(forms.Form):
    """Schema, classifier and server, as the team's connection offers them now."""

    schema = OptionsForm.base_fields["schema"]
    classifier = OptionsForm.base_fields["classifier"]
    server = forms.ChoiceField(required=False, label=gettext_lazy("Server"))

    def __init__(self, data: Any = None, *, team: Team, initial: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, initial=initial, **options)
        connection = Connection.for_team(team)
        fields: dict[str, Any] = self.fields
        fields["schema"].queryset = connection.schemas.filter(missing_since__isnull=True)
        fields["classifier"].queryset = connection.classifiers.filter(missing_since__isnull=True)
        usual = _("default (%(server)s)") % {"server": connection.default_server or settings.ANESYA_SERVER}
        fields["server"].choices = [("", usual), *Server.choices]
        if connection.embedded:  # it is one server
            del fields["server"]

    def fill(self, row: IncomingOptions) -> None:
        row.choose(self.cleaned_data["schema"], self.cleaned_data["classifier"])
        row.server = self.cleaned_data.get("server", "")


class IncomingSourceForm(IncomingOptionsForm):
    """What all doors have in common. Rows without a primary key are new."""

    person = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Documents come in the name of"), empty_label=None
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=gettext_lazy("Language of notes"))
    metadata = MetadataField(required=False, label=gettext_lazy("Metadata"))

    def __init__(self, data: Any, *, source: IncomingSource, person: User) -> None:
        self.source = source
        kept = {column.name for column in source._meta.fields}
        initial = {name: getattr(source, name) for name in self.base_fields if name in kept}
        if source.pk is None:
            initial |= {"person": person.pk, "language": get_language()}
        super().__init__(data, team=source.team, initial=initial)
        roles = [role for role in Membership.Role.values if role != Membership.Role.VIEWER]
        senders = User.objects.filter(is_active=True, memberships__team=source.team, memberships__role__in=roles)
        fields: dict[str, Any] = self.fields
        fields["person"].queryset = senders.order_by("name", "pk")

    @property
    def metadata_rows(self) -> list[tuple[str, str]]:
        value = self["metadata"].value()
        rows = list(value.items()) if isinstance(value, dict) else [row for row in value or () if any(row)]
        return [*rows, *[("", "")] * SPARE_ROWS]

    def fill(self, row: IncomingOptions) -> None:
        super().fill(row)
        for name in ("person", "language", "metadata"):
            setattr(row, name, self.cleaned_data[name])


class WatchedFolderForm(IncomingSourceForm):
    path = forms.CharField(
        max_length=700,
        label=gettext_lazy("Folder"),
        help_text=gettext_lazy("As the server sees it, for example /srv/incoming/invoices."),
    )
    subfolder_key = forms.CharField(
        required=False,
        max_length=KEY_LENGTH,
        label=gettext_lazy("Keep the subfolder’s name as metadata"),
        help_text=gettext_lazy("For example supplier. Left empty, the name is not kept."),
    )
    field_order = ("path", "person", "schema", "classifier", "server", "subfolder_key", "language", "metadata")

    def clean_path(self) -> str:
        typed = self.cleaned_data["path"].strip()
        place = resolved(typed) if typed.startswith("/") else None
        if place is None:
            raise ValidationError(
                _("This portal does not watch %(path)s. Its administrator names the folders that may be watched.")
                % {"path": typed}
            )
        if not place.is_dir():
            raise ValidationError(_("There is no folder %(path)s on the server.") % {"path": place})
        other = overlapping(place, self.source.pk)
        if other is not None:
            if other.team_id != self.source.team_id:
                raise ValidationError(_("This folder is already watched, or lies inside one that is."))
            raise ValidationError(_("%(path)s is watched already, and would take the same files.") % {"path": other})
        return str(place)

    def clean_subfolder_key(self) -> str:
        key: str = self.cleaned_data["subfolder_key"].strip()
        if key == RESERVED:
            raise ValidationError(
                _("Metadata: “%(key)s” is used by the portal itself. Choose another name.") % {"key": key}
            )
        return key

    def fill(self, row: IncomingOptions) -> None:
        super().fill(row)
        for name in ("path", "subfolder_key"):
            setattr(row, name, self.cleaned_data[name])


class FolderRuleForm(IncomingOptionsForm):
    subfolder = forms.CharField(
        max_length=200,
        label=gettext_lazy("Subfolder"),
        help_text=gettext_lazy("Its name, right below the watched folder."),
    )
    field_order = ("subfolder", "schema", "classifier", "server")

    def __init__(self, data: Any = None, *, folder: WatchedFolder) -> None:
        super().__init__(data, team=folder.team, auto_id="rule_%s")
        self.folder = folder

    def clean_subfolder(self) -> str:
        name: str = self.cleaned_data["subfolder"].strip().strip("/")
        if not name or "/" in name:
            raise ValidationError(_("Name one subfolder, without slashes."))
        return name

    def rule(self) -> FolderRule:
        """For valid forms only."""
        rule = FolderRule(folder=self.folder, subfolder=self.cleaned_data["subfolder"])
        self.fill(rule)
        return rule
