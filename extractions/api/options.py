"""/api/v1/: what a program may choose from. The token's team, schemas and classifiers, and the team's own schemas."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from extractions.api import descriptions_v1 as descriptions
from extractions.api.authentication import grant_of
from extractions.api.options_serializers import (
    OfferedClassifierSerializer,
    OfferedSchemaSerializer,
    StudioSchemaSerializer,
    TeamSerializer,
    WrittenSchemaSerializer,
)
from extractions.api.v1 import ByName, ProblemView
from extractions.models import Classifier, Connection, Schema, SchemaPublication, StudioSchema
from portal.parameters import row_id
from portal.people.models import Team


class TeamsView(mixins.ListModelMixin, ProblemView[Team]):
    serializer_class = TeamSerializer
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[Team]:
        """The one that the token belongs to."""
        return Team.objects.filter(pk=grant_of(self.request).team.pk)

    @descriptions.TEAM_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)


class OfferedView(ProblemView[Any]):
    """Of the connection that the token's team uses."""

    pagination_class = ByName
    model: type[Schema] | type[Classifier]

    def get_queryset(self) -> QuerySet[Any]:
        connection = Connection.for_team(grant_of(self.request).team)
        return self.model._default_manager.filter(connection=connection, missing_since__isnull=True)

    def named(self, remote_id: str) -> object:
        """One that is not offered any more is still shown, for documents refer to it."""
        grant = grant_of(self.request)
        shared = Q(connection__team=None) | Q(connection__team=grant.team)
        rows = self.model.objects.visible_to(grant.person).filter(shared, remote_id=remote_id)
        current = Connection.for_team(grant.team).pk
        found = min(rows, key=lambda row: (row.connection_id != current, -row.pk), default=None)
        if found is None:
            raise Http404
        return found


class SchemasView(mixins.ListModelMixin, OfferedView):
    serializer_class = OfferedSchemaSerializer
    model = Schema

    @descriptions.SCHEMA_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)


class SchemaView(OfferedView):
    serializer_class = OfferedSchemaSerializer
    model = Schema

    @descriptions.SCHEMA_RETRIEVE
    def get(self, request: Request, id: str) -> Response:
        return Response(self.get_serializer(self.named(id)).data)


class ClassifiersView(mixins.ListModelMixin, OfferedView):
    serializer_class = OfferedClassifierSerializer
    model = Classifier

    @descriptions.CLASSIFIER_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)


class ClassifierView(OfferedView):
    serializer_class = OfferedClassifierSerializer
    model = Classifier

    @descriptions.CLASSIFIER_RETRIEVE
    def get(self, request: Request, id: str) -> Response:
        return Response(self.get_serializer(self.named(id)).data)


class StudioView(ProblemView[StudioSchema]):
    """What the team writes itself, published or not."""

    pagination_class = ByName

    def get_queryset(self) -> QuerySet[StudioSchema]:
        grant = grant_of(self.request)
        rows = StudioSchema.objects.visible_to(grant.person).filter(team=grant.team, removed_at=None)
        publications = SchemaPublication.objects.select_related("schema").order_by("-pk")
        return rows.prefetch_related("versions__author", Prefetch("versions__publications", publications))


class StudioSchemasView(mixins.ListModelMixin, StudioView):
    serializer_class = StudioSchemaSerializer

    @descriptions.STUDIO_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)


class StudioSchemaView(StudioView):
    serializer_class = WrittenSchemaSerializer

    @descriptions.STUDIO_RETRIEVE
    def get(self, request: Request, id: str) -> Response:
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=row_id(id) or 0)).data)
