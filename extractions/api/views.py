"""The operations of the dialect. Documents are those that the token's owner may see, in the token's team."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from rest_framework import generics, mixins, status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from extractions.api import descriptions, schema_making
from extractions.api.authentication import ScopePermission, TokenAuthentication, grant_of
from extractions.api.errors import Gone, Held, TooMany, Unprocessable, refused
from extractions.api.pagination import SizedPagination
from extractions.api.schema_making import SchemaRequestSerializer
from extractions.api.serializers import (
    FINISHED,
    ClassifierSerializer,
    ExtractListItemSerializer,
    ExtractSerializer,
    ListQuerySerializer,
    PageRangeSerializer,
    SchemaSerializer,
    UploadSerializer,
    status_of,
)
from extractions.api.throttling import TokenThrottle
from extractions.exports.archive import Archive
from extractions.exports.exported import log_download
from extractions.exports.layout import Layout, layout_of
from extractions.exports.text import csv_of
from extractions.intake import programs
from extractions.intake.file_names import clean_name
from extractions.intake.inspection_slots import Busy, inspection_slot
from extractions.intake.programs import DocumentDeleted, KeyReused, Program, Submission
from extractions.intake.receiving import Refused
from extractions.intake.single_upload import AlreadySubmitted
from extractions.intake.submitting import Options
from extractions.models import Classifier, Connection, Extraction, Schema
from extractions.models.extraction_queryset import LARGE_COLUMNS, ExtractionQuerySet
from extractions.storage.served_files import SANDBOXED, guarded, serve_file
from portal.audit.recording import Action, record_view
from portal.people.models import ApiToken, Membership

Row = TypeVar("Row", bound=Model)
Scope = ApiToken.Scope
DOWNLOADS = ("csv", "images", "json")
EXISTING = "X-Existing-Document"
MAX_KEY_LENGTH = 255


class ApiView(generics.GenericAPIView[Row]):
    """By token only. `scopes` names the scope that each method takes."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (ScopePermission,)
    throttle_classes = (TokenThrottle,)
    scopes: ClassVar[dict[str, str]] = {"GET": Scope.READ}

    def scope_of(self, request: Request) -> str:
        return self.scopes.get(request.method or "", Scope.READ)

    def check_permissions(self, request: Request) -> None:
        """Requests that the token does not allow count as well."""
        super().check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Done before the permissions."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        rate = getattr(request, "rate", None)
        for name, value in (rate.headers if rate else {}).items():
            response.headers[name] = value
        return response

    def documents(self) -> ExtractionQuerySet:
        grant = grant_of(self.request)
        rows = Extraction.objects.visible_to(grant.person).filter(team=grant.team)
        return rows.select_related("schema", "classifier", "connection")

    def document(self, key: str) -> Extraction:
        try:
            return get_object_or_404(self.documents(), key=UUID(key))
        except ValueError as error:
            raise Http404 from error


class ExtractsView(mixins.ListModelMixin, ApiView[Extraction]):
    parser_classes = (MultiPartParser,)
    serializer_class = ExtractListItemSerializer
    pagination_class = SizedPagination
    scopes: ClassVar[dict[str, str]] = {"GET": Scope.READ, "POST": Scope.UPLOAD}

    def get_queryset(self) -> ExtractionQuerySet:
        query = ListQuerySerializer(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        filters = query.validated_data
        rows = self.documents().defer(*LARGE_COLUMNS).newest_first()
        if "workflow_id" in filters:
            rows = rows.filter(workflow=str(filters["workflow_id"]))
        if "workflow_session_id" in filters:
            rows = rows.filter(workflow_session_id=filters["workflow_session_id"])
        if words := filters.get("search"):
            rows = rows.filter(Q(name__icontains=words) | Q(schema__name__icontains=words))
        pair = {"pairs__key": filters.get("meta_key"), "pairs__value": filters.get("meta_value")}
        given = {name: value for name, value in pair.items() if value}
        return rows.filter(**given).distinct() if given else rows

    @descriptions.EXTRACT_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)

    @descriptions.EXTRACT_CREATE
    def post(self, request: Request) -> Response:
        pages = PageRangeSerializer(data=request.query_params)
        upload = UploadSerializer(data=request.data, context={"request": request})
        if not all([pages.is_valid(), upload.is_valid()]):
            raise ValidationError(dict(pages.errors) | dict(upload.errors))
        submission = self._submit(request, {**upload.validated_data, **pages.validated_data})
        body = ExtractSerializer(submission.extraction, context=self.get_serializer_context()).data
        headers = {EXISTING: f"same-{submission.repeats}"} if submission.repeats else {}
        return Response(body, status=status.HTTP_201_CREATED, headers=headers)

    def _submit(self, request: Request, given: dict[str, Any]) -> Submission:
        document = given.pop("document")
        grant = grant_of(request)
        options = Options(**given | {"metadata": given.get("metadata") or {}})
        refuses = grant.token.repeats == ApiToken.Repeat.REFUSE
        program = Program(grant.person, grant.team, key=_idempotency_key(request), refuses_repeats=refuses)
        try:
            with inspection_slot(grant.person.pk):
                return programs.submit(document, options, program)
        except Busy as busy:
            words = _("Too many files are being received at the moment. Nothing was charged; try again in a moment.")
            raise TooMany(words, wait=busy.retry_after) from busy
        except Refused as error:
            raise refused(document.name, error) from error
        except AlreadySubmitted as error:
            words = _("The same file was sent with the same options before: %(id)s") % {"id": error.earlier.key}
            raise ValidationError({"document": [words]}) from error
        except KeyReused as error:
            raise Unprocessable(_("This Idempotency-Key has already been used for another request.")) from error
        except DocumentDeleted as error:
            raise Gone(_("The document of this Idempotency-Key has been deleted.")) from error


class ExtractView(ApiView[Extraction]):
    serializer_class = ExtractSerializer
    scopes: ClassVar[dict[str, str]] = {"GET": Scope.READ, "DELETE": Scope.MANAGE}

    def scope_of(self, request: Request) -> str:
        return Scope.EXPORT if "download" in request.query_params else super().scope_of(request)

    @descriptions.EXTRACT_RETRIEVE
    def get(self, request: Request, id: str) -> HttpResponseBase:
        extraction = self.document(id)
        body = self.get_serializer(extraction).data
        if "download" in request.query_params:
            return self._download(extraction, request.query_params["download"] or "csv", body)
        if extraction.extracted_data is not None or extraction.content is not None:
            record_view(Action.SEEN, extraction)
        return Response(body)

    def _download(self, extraction: Extraction, wanted: str, body: dict[str, object]) -> HttpResponseBase:
        """204 without a schema, as the service answers; 202 while the document is underway."""
        if wanted not in DOWNLOADS:
            raise ValidationError({"download": [f'"{wanted}" is not a valid choice.']})
        if extraction.in_progress:
            return Response(body, status=status.HTTP_202_ACCEPTED)
        if status_of(extraction) != FINISHED or extraction.extracted_data is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        log_download(extraction, wanted)
        name = f"{Path(extraction.name).stem}.{'zip' if wanted == 'images' else wanted}"
        response = _content_of(extraction, wanted, body)
        response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
        return guarded(response, SANDBOXED)

    @descriptions.EXTRACT_DESTROY
    def delete(self, request: Request, id: str) -> Response:
        document = self.document(id)
        if not document.request_deletion() and document.is_held:
            raise Held
        return Response(status=status.HTTP_204_NO_CONTENT)


class SchemasView(mixins.ListModelMixin, ApiView[Schema]):
    serializer_class = SchemaSerializer
    pagination_class = SizedPagination
    parser_classes = (JSONParser,)
    scopes: ClassVar[dict[str, str]] = {"GET": Scope.READ, "POST": Scope.MANAGE}

    def get_queryset(self) -> QuerySet[Schema]:
        connection = Connection.for_team(grant_of(self.request).team)
        return connection.schemas.filter(missing_since__isnull=True).order_by("name", "pk")

    @descriptions.SCHEMA_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)

    @descriptions.SCHEMA_CREATE
    def post(self, request: Request) -> Response:
        """What is written here is a schema of the team, with versions, as from its page."""
        grant = grant_of(request)
        if grant.role != Membership.Role.ADMINISTRATOR:
            raise PermissionDenied(_("Only administrators of the team may do this."))
        wanted = SchemaRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = schema_making.publish(grant.team, wanted.file(), grant.person)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)


class SchemaView(ApiView[Schema]):
    serializer_class = SchemaSerializer

    @descriptions.SCHEMA_RETRIEVE
    def get(self, request: Request, id: str) -> Response:
        """One that is not offered any more is still shown, for documents refer to it."""
        grant = grant_of(request)
        shared = Q(connection__team=None) | Q(connection__team=grant.team)
        rows = Schema.objects.visible_to(grant.person).filter(shared, remote_id=id)
        current = Connection.for_team(grant.team).pk
        found = min(rows, key=lambda row: (row.connection_id != current, -row.pk), default=None)
        if found is None:
            raise Http404
        return Response(self.get_serializer(found).data)


class ClassifiersView(mixins.ListModelMixin, ApiView[Classifier]):
    """An extension, as the embedded engine has it: the service has no list of classifiers."""

    serializer_class = ClassifierSerializer
    pagination_class = SizedPagination

    def get_queryset(self) -> QuerySet[Classifier]:
        connection = Connection.for_team(grant_of(self.request).team)
        return connection.classifiers.filter(missing_since__isnull=True).order_by("name", "pk")

    @descriptions.CLASSIFIER_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)


class DocumentView(ApiView[Extraction]):
    """The original, unchanged."""

    @descriptions.DOCUMENT_RETRIEVE
    def get(self, request: Request, id: str) -> HttpResponseBase:
        extraction = self.document(id)
        record_view(Action.FILE_SEEN, extraction)
        return serve_file(request._request, extraction.document, extraction.mime, clean_name(extraction.name))


class ImageView(ApiView[Extraction]):
    """A picture that the service cut out of the document."""

    @descriptions.IMAGES_RETRIEVE
    def get(self, request: Request, id: str) -> HttpResponseBase:
        number = request.query_params.get("number", "0")
        if not (number.isascii() and number.isdecimal() and len(number) < 9):
            raise Http404
        image = get_object_or_404(self.document(id).content_images, position=int(number))
        name = Path((image.name or "").replace("\\", "/")).name or f"picture-{image.position + 1}"
        return serve_file(request._request, image.file, image.mime, clean_name(name))


def most_bytes_of_an_upload() -> int:
    """The largest file with its form."""
    return int(settings.UPLOAD_MAX_BYTES) + 1024 * 1024


def _idempotency_key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > MAX_KEY_LENGTH:
        words = _("Use at most %(limit)s characters.") % {"limit": MAX_KEY_LENGTH}
        raise ValidationError({"Idempotency-Key": [words]})
    return key


def _content_of(extraction: Extraction, wanted: str, body: dict[str, object]) -> HttpResponseBase:
    numbers = [extraction.pk]
    if wanted == "json":
        return HttpResponse(json.dumps(body, ensure_ascii=False, default=str), content_type="application/json")
    if wanted == "csv":
        layout = layout_of(numbers, [extraction.team_id])
        table = csv_of(numbers, layout, _ignore_progress, items=True)
        return StreamingHttpResponse(table, content_type="text/csv; charset=utf-8")
    return StreamingHttpResponse(_pictures(numbers), content_type="application/zip")


def _pictures(numbers: list[int]) -> Iterator[bytes]:
    yield from Archive(numbers, Layout(), _ignore_progress, only_pictures=True).stream()


def _ignore_progress(count: int) -> None:
    """A single document is quick."""
