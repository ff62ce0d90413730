"""The objects of /api/v1/ that a program chooses from."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from extractions.api.authentication import grant_of
from extractions.api.serializers import OBJECT, ClassifierSerializer, SchemaSerializer, moment
from extractions.intake.routing import AUTOMATIC, SERVER_CHOICES, permitted_servers
from extractions.models import Connection, SchemaPublication, SchemaVersion, Server, StudioSchema
from portal.people.models import ApiToken, Team

SERVER_NAMES = {"type": "array", "items": {"type": "string", "enum": SERVER_CHOICES}}
SCOPE_NAMES = {"type": "array", "items": {"type": "string", "enum": list(ApiToken.Scope.values)}}


@extend_schema_serializer(component_name="Team")
class TeamSerializer(serializers.ModelSerializer[Team]):
    """The token's team, with what the token may do there now: its scopes, as far as its owner's role allows them."""

    role = serializers.SerializerMethodField()
    scopes = serializers.SerializerMethodField()
    servers = serializers.SerializerMethodField()
    usual_server = serializers.SerializerMethodField()

    class Meta:
        model = Team
        fields = ("id", "name", "role", "scopes", "servers", "usual_server")

    @extend_schema_field(OpenApiTypes.STR)
    def get_role(self, team: Team) -> str:
        return grant_of(self.context["request"]).role

    @extend_schema_field(SCOPE_NAMES)
    def get_scopes(self, team: Team) -> list[str]:
        grant = grant_of(self.context["request"])
        return [scope for scope in ApiToken.Scope.values if grant.allows(scope)]

    @extend_schema_field(SERVER_NAMES)
    def get_servers(self, team: Team) -> list[str]:
        """Those within the region of the team; a schema may be tied to a smaller one."""
        permitted = permitted_servers(team.pk, None)
        return [AUTOMATIC, *(Server.values if permitted is None else permitted)]

    @extend_schema_field(OpenApiTypes.STR)
    def get_usual_server(self, team: Team) -> str:
        return Connection.for_team(team).default_server or str(settings.ANESYA_SERVER)


@extend_schema_serializer(component_name="OfferedSchema")
class OfferedSchemaSerializer(SchemaSerializer):
    """A schema of the service. Its pages differ from those of the dialect."""


@extend_schema_serializer(component_name="OfferedClassifier")
class OfferedClassifierSerializer(ClassifierSerializer):
    """A classifier. Its pages differ from those of the dialect."""


class SchemaVersionSerializer(serializers.ModelSerializer[SchemaVersion]):
    """`state` says how far its publication is: empty while nobody asked for it. `schema_id` is the service's."""

    author = serializers.SerializerMethodField()
    created_at = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    schema_id = serializers.SerializerMethodField()

    class Meta:
        model = SchemaVersion
        fields = ("number", "name", "reason", "author", "created_at", "state", "schema_id")

    @extend_schema_field({"type": ["string", "null"]})
    def get_author(self, version: SchemaVersion) -> str | None:
        return str(version.author) if version.author else None

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_created_at(self, version: SchemaVersion) -> str:
        return moment(version.created_at)

    @extend_schema_field(serializers.ChoiceField(["", *SchemaPublication.State.values]))
    def get_state(self, version: SchemaVersion) -> str:
        last = _last_publication(version)
        return last.state if last else ""

    @extend_schema_field({"type": ["string", "null"]})
    def get_schema_id(self, version: SchemaVersion) -> str | None:
        last = _last_publication(version)
        return last.schema.remote_id if last and last.schema else None


@extend_schema_serializer(component_name="TeamSchema")
class StudioSchemaSerializer(serializers.ModelSerializer[StudioSchema]):
    """A schema that the team writes itself, with its versions, newest first."""

    versions = SchemaVersionSerializer(many=True)
    changed_at = serializers.SerializerMethodField()

    class Meta:
        model = StudioSchema
        fields = ("id", "name", "changed_at", "versions")

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_changed_at(self, studio: StudioSchema) -> str:
        return moment(studio.changed_at)


@extend_schema_serializer(component_name="WrittenTeamSchema")
class WrittenSchemaSerializer(StudioSchemaSerializer):
    """With what the newest version says."""

    description = serializers.SerializerMethodField()
    additional_informations = serializers.SerializerMethodField()
    schema = serializers.SerializerMethodField()

    class Meta:
        model = StudioSchema
        fields = (*StudioSchemaSerializer.Meta.fields, "description", "additional_informations", "schema")

    @extend_schema_field(OpenApiTypes.STR)
    def get_description(self, studio: StudioSchema) -> str:
        return studio.newest.description

    @extend_schema_field(OpenApiTypes.STR)
    def get_additional_informations(self, studio: StudioSchema) -> str:
        return studio.newest.additional_informations

    @extend_schema_field(OBJECT)
    def get_schema(self, studio: StudioSchema) -> object:
        return studio.newest.schema


def _last_publication(version: SchemaVersion) -> SchemaPublication | None:
    return next(iter(version.publications.all()), None)
