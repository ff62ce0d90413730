"""/api/v1/exports/: files of many documents, made by the worker, as from the page of exports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse, Http404, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import get_current_timezone_name, localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import mixins, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from extractions.api import descriptions_v1 as descriptions
from extractions.api.authentication import grant_of
from extractions.api.errors import TooMany, Unprocessable
from extractions.api.exporting_serializers import ExportRequestSerializer, ExportSerializer
from extractions.api.problems import Conflict
from extractions.api.v1 import LatestFirst, ProblemView
from extractions.exports.exported import log_export
from extractions.exports.making import FORMATS
from extractions.exports.reading import document_ids
from extractions.models import Export
from extractions.models.export import TooManyExports
from extractions.search.query import SearchQuery
from extractions.storage.file_store import require
from extractions.storage.served_files import SANDBOXED, guarded
from portal.people.models import ApiToken

Scope = ApiToken.Scope
SHOW = "show"
WAIT_SECONDS = 60


class ExportingView(ProblemView[Export]):
    scopes: ClassVar[dict[str, str]] = dict.fromkeys(("GET", "POST", "DELETE"), Scope.EXPORT)
    serializer_class = ExportSerializer

    def get_queryset(self) -> QuerySet[Export]:
        """Those of the token's owner that hold documents of the token's team and of no other."""
        grant = grant_of(self.request)
        return Export.objects.visible_to(grant.person).filter(teams=[grant.team.pk])

    def export(self, key: str) -> Export:
        try:
            return get_object_or_404(self.get_queryset(), key=UUID(key))
        except ValueError as error:
            raise Http404 from error


class ExportsView(mixins.ListModelMixin, ExportingView):
    pagination_class = LatestFirst

    @descriptions.EXPORT_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)

    @descriptions.EXPORT_CREATE
    def post(self, request: Request) -> Response:
        wanted = ExportRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            Export.check_room(grant_of(request).person)
        except TooManyExports as error:
            words = _("You have too many exports. Cancel some, or wait: they are kept for a day.")
            raise TooMany(words, wait=WAIT_SECONDS) from error
        row = self._requested(**wanted.validated_data)
        where = reverse("extractions:v1:export", args=[row.key])
        return Response(
            self.get_serializer(row).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": request.build_absolute_uri(where)},
        )

    def _requested(
        self, form: str, separator: str, style: str, documents: Sequence[UUID] = (), query: str = ""
    ) -> Export:
        grant = grant_of(self.request)
        teams = [grant.team.pk]
        chosen = self._numbers(documents)
        if not chosen:
            _check(SearchQuery(grant.person, QueryDict(query), teams))
        numbers = document_ids(grant.person, query, chosen, teams=teams)
        if not numbers:
            raise Unprocessable(_("There is nothing to export: no document matches."))
        return Export.request(
            person=grant.person,
            teams=teams,
            form=form,
            query=query,
            numbers=chosen,
            total=len(numbers),
            options={
                "separator": separator,
                "style": style,
                "language": get_language(),
                "zone": get_current_timezone_name(),
                "lines": log_export(form, numbers, search=query),
            },
        )

    def _numbers(self, documents: Sequence[UUID]) -> list[int]:
        found = dict(self.documents().filter(key__in=documents).values_list("key", "pk")) if documents else {}
        unknown = next((key for key in documents if key not in found), None)
        if unknown is not None:
            raise ValidationError({"documents": [_("No document: %(id)s") % {"id": unknown}]})
        return [found[key] for key in documents]


class ExportView(ExportingView):
    @descriptions.EXPORT_RETRIEVE
    def get(self, request: Request, id: str) -> Response:
        return Response(self.get_serializer(self.export(id)).data)

    @descriptions.EXPORT_CANCEL
    def delete(self, request: Request, id: str) -> Response:
        if not self.export(id).cancel():
            raise Conflict(_("The export has ended already."))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ExportFileView(ExportingView):
    @descriptions.EXPORT_FILE
    def get(self, request: Request, id: str) -> HttpResponseBase:
        row = self.export(id)
        if row.state != Export.State.READY:
            raise Conflict(_("There is no file."), state=row.state)
        _words, ending, mime = FORMATS[row.form]
        try:
            content = row.file.open("rb")
        except FileNotFoundError as error:
            require()
            raise Http404 from error
        name = f"{_('documents')}-{localdate(row.created_at):%Y-%m-%d}.{ending}"
        return guarded(FileResponse(content, as_attachment=True, filename=name, content_type=mime), SANDBOXED)


def _check(search: SearchQuery) -> None:
    """A page shows what it did not understand; a program would export more than it meant."""
    understood = {chip.parameter for chip in search.chips} | ({SHOW} if search.tab.name else set())
    unknown = [name for name in search.parameters if name not in understood and search.parameters.get(name)]
    problems: list[Any] = [*search.problems, *(_("Not understood: %(name)s") % {"name": name} for name in unknown)]
    if problems:
        raise ValidationError({"query": problems})
