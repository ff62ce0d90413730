"""/api/v1/team-classifiers/: classifiers that the team writes itself, how often they are right, tests of them."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import mixins, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from extractions.api import descriptions_studio as descriptions
from extractions.api.authentication import grant_of
from extractions.api.classifier_studio_serializers import (
    ClassifierTestSerializer,
    MeasuredClassifierSerializer,
    StudioClassifierSerializer,
    TestRequestSerializer,
)
from extractions.api.problems import Conflict
from extractions.api.v1 import ByName, ProblemView
from extractions.models import StudioClassifier
from extractions.presentation.schemas.classifier_studio import ClassifierPage
from extractions.services.classifier_studio import start_test
from portal.parameters import row_id
from portal.people.models import ApiToken, Membership

Scope = ApiToken.Scope


class TeamClassifierView(ProblemView[StudioClassifier]):
    serializer_class = StudioClassifierSerializer
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[StudioClassifier]:
        grant = grant_of(self.request)
        rows = StudioClassifier.objects.visible_to(grant.person).filter(team=grant.team, removed_at=None)
        return rows.select_related("published", "classifier", "wanted").prefetch_related("versions__author")

    def page(self, id: str) -> ClassifierPage:
        studio = get_object_or_404(self.get_queryset(), pk=row_id(id) or 0)
        return ClassifierPage(studio, grant_of(self.request).person)


class TeamClassifiersView(mixins.ListModelMixin, TeamClassifierView):
    @descriptions.CLASSIFIER_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)


class MeasuredClassifierView(TeamClassifierView):
    @descriptions.CLASSIFIER_RETRIEVE
    def get(self, request: Request, id: str) -> Response:
        return Response(MeasuredClassifierSerializer(self.page(id)).data)


class ClassifierTestView(TeamClassifierView):
    """The newest test of a classifier; a POST runs another."""

    scopes: ClassVar[dict[str, str]] = {"GET": Scope.READ, "POST": Scope.MANAGE}

    @descriptions.TEST_RETRIEVE
    def get(self, request: Request, id: str) -> Response:
        report = self.page(id).report
        if report is None:
            raise NotFound(_("This classifier has not been tested yet."))
        return Response(ClassifierTestSerializer(report).data)

    @descriptions.TEST_CREATE
    def post(self, request: Request, id: str) -> Response:
        grant = grant_of(request)
        if grant.role != Membership.Role.ADMINISTRATOR:
            raise PermissionDenied(_("Only administrators of the team may do this."))
        page = self.page(id)
        wanted = TestRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        self._start(page, wanted.validated_data.get("version"))
        if not grant.allows(Scope.READ):
            return Response(status=status.HTTP_204_NO_CONTENT)
        report = self.page(id).report
        return Response(ClassifierTestSerializer(report).data, status=status.HTTP_201_CREATED)

    def _start(self, page: ClassifierPage, number: int | None) -> None:
        """As from the page of the classifier."""
        versions = {version.number: version for version in page.versions}
        version = page.newest if number is None else versions.get(number)
        if version is None:
            raise NotFound(_("There is no such version."))
        if not page.connection.embedded:
            raise Conflict(_("Only the embedded engine tests a version before it is published."), code="not_embedded")
        if page.running:
            raise Conflict(_("A test is running already."), code="running")
        if start_test(version, page.person) is None:
            raise Conflict(_("There are no examples to test it on yet."), code="no_examples")
