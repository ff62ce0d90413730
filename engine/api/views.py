"""The operations of the API. Every queryset is limited to the caller's account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.utils.timezone import now
from rest_framework import generics, mixins, status
from rest_framework.exceptions import ValidationError
from rest_framework.fields import UUIDField
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine.api import downloads, openapi_descriptions
from engine.api.authentication import account_of
from engine.api.errors import Conflict
from engine.api.serializers import (
    ClassifierSerializer,
    ClassifierWriteSerializer,
    CorrectionSerializer,
    ExtractListItemSerializer,
    ExtractSchemaSerializer,
    ExtractSerializer,
    ListQuerySerializer,
    PageRangeSerializer,
    UploadSerializer,
    WorkflowExtractSerializer,
)
from engine.api.workflow_form import parse_nested_form
from engine.models import (
    UNFINISHED,
    Classifier,
    ClassifierCategory,
    ContentImage,
    Correction,
    Extract,
    ExtractSchema,
    Status,
    Workflow,
)
from engine.processing import files, intake, removal, work_queue


class ExtractsView(mixins.ListModelMixin, generics.GenericAPIView[Extract]):
    parser_classes = (MultiPartParser,)
    serializer_class = ExtractListItemSerializer

    def get_queryset(self) -> QuerySet[Extract]:
        query = ListQuerySerializer(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        filters = query.validated_data
        extracts = Extract.objects.filter(account=account_of(self.request)).select_related("schema")
        extracts = extracts.defer("content", "extracted_data", "x_locations", "x_confidence", "x_proposal")
        for name in ("workflow_id", "workflow_session_id"):
            if name in filters:
                extracts = extracts.filter(**{name: filters[name]})
        if filters.get("search"):
            extracts = extracts.search(filters["search"])
        return extracts.with_metadata(filters.get("meta_key") or None, filters.get("meta_value"))

    @openapi_descriptions.EXTRACT_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)

    @openapi_descriptions.EXTRACT_CREATE
    def post(self, request: Request) -> Response:
        pages = PageRangeSerializer(data=request.query_params)
        upload = UploadSerializer(data=request.data, context={"request": request})
        if not all([pages.is_valid(), upload.is_valid()]):
            raise ValidationError(dict(pages.errors) | dict(upload.errors))
        document = upload.validated_data["document"]
        extract = intake.prepare(account_of(request), **upload.validated_data, **pages.validated_data)
        intake.register([(extract, document)])
        return Response(ExtractSerializer(extract).data, status=status.HTTP_201_CREATED)


class ExtractView(generics.GenericAPIView[Extract]):
    serializer_class = ExtractSerializer
    lookup_field = "id"

    def get_queryset(self) -> QuerySet[Extract]:
        return Extract.objects.filter(account=account_of(self.request)).prefetch_related("content_images")

    @openapi_descriptions.EXTRACT_RETRIEVE
    def get(self, request: Request, id: str) -> HttpResponseBase:
        extract = self.get_object()
        download_format = request.query_params.get("download")
        if download_format is None:
            return Response(ExtractSerializer(extract).data)
        return self.download(extract, download_format or "csv")

    def download(self, extract: Extract, download_format: str) -> HttpResponseBase:
        """204 without a schema, as Anesya answers; 202 while the extract is unfinished."""
        if download_format not in openapi_descriptions.DOWNLOADS:
            raise ValidationError({"download": [f'"{download_format}" is not a valid choice.']})
        body = ExtractSerializer(extract).data
        if extract.status in UNFINISHED:
            return Response(body, status=status.HTTP_202_ACCEPTED)
        if extract.schema_id is None or extract.extracted_data is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        if download_format == "json":
            return downloads.as_json(extract, body)
        return downloads.as_csv(extract) if download_format == "csv" else downloads.as_zip(extract)

    @openapi_descriptions.EXTRACT_DESTROY
    def delete(self, request: Request, id: str) -> Response:
        removal.remove(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class SchemasView(mixins.ListModelMixin, mixins.CreateModelMixin, generics.GenericAPIView[ExtractSchema]):
    serializer_class = ExtractSchemaSerializer
    parser_classes = (JSONParser,)

    def get_queryset(self) -> QuerySet[ExtractSchema]:
        return ExtractSchema.objects.filter(account=account_of(self.request))

    @openapi_descriptions.SCHEMA_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)

    @openapi_descriptions.SCHEMA_CREATE
    def post(self, request: Request) -> Response:
        return self.create(request)

    def perform_create(self, serializer: Any) -> None:
        serializer.save(account=account_of(self.request))


class SchemaView(generics.RetrieveAPIView[ExtractSchema]):
    serializer_class = ExtractSchemaSerializer
    lookup_field = "id"

    def get_queryset(self) -> QuerySet[ExtractSchema]:
        return ExtractSchema.objects.filter(account=account_of(self.request))

    @openapi_descriptions.SCHEMA_RETRIEVE
    def get(self, request: Request, id: str) -> Response:
        return self.retrieve(request)


class WorkflowExtractView(generics.GenericAPIView[Workflow]):
    parser_classes = (MultiPartParser,)
    pagination_class = None
    serializer_class = WorkflowExtractSerializer
    lookup_field = "id"

    def get_queryset(self) -> QuerySet[Workflow]:
        return Workflow.objects.filter(account=account_of(self.request))

    @openapi_descriptions.WORKFLOW_EXTRACT_CREATE
    def post(self, request: Request, id: str) -> Response:
        workflow = self.get_object()
        upload = WorkflowExtractSerializer(data=parse_nested_form(request.FILES))
        upload.is_valid(raise_exception=True)
        documents = [item["document"] for item in upload.validated_data["extracts"]]
        options: dict[str, Any] = {
            "server": workflow.server,
            "schema": workflow.schema,
            "classifier": workflow.classifier,
        }
        extracts = []
        for number, document in enumerate(documents):
            try:
                extracts.append(intake.prepare(account_of(request), document, workflow=workflow, **options))
            except ValidationError as error:
                raise ValidationError({"extracts": {str(number): error.detail}}) from error
        session = workflow.open_session()
        for extract in extracts:
            extract.workflow_session_id = session
        intake.register(list(zip(extracts, documents, strict=True)))
        return Response(ExtractSerializer(extracts, many=True).data, status=status.HTTP_201_CREATED)


class DocumentView(generics.GenericAPIView[Extract]):
    """The uploaded file, unchanged."""

    lookup_field = "document_id"
    lookup_url_kwarg = "id"

    def get_queryset(self) -> QuerySet[Extract]:
        return Extract.objects.filter(account=account_of(self.request))

    @openapi_descriptions.DOCUMENT_RETRIEVE
    def get(self, request: Request, id: str) -> HttpResponseBase:
        extract = self.get_object()
        name = extract.document_name or ""
        return FileResponse(files.open_or_404(extract.path), filename=name, content_type=extract.media_type)


class ImageView(generics.GenericAPIView[ContentImage]):
    lookup_field = "id"

    def get_queryset(self) -> QuerySet[ContentImage]:
        return ContentImage.objects.filter(extract__account=account_of(self.request)).select_related("extract")

    @openapi_descriptions.IMAGES_RETRIEVE
    def get(self, request: Request, id: str) -> HttpResponseBase:
        image = self.get_object()
        return FileResponse(files.open_or_404(image.path), filename=image.name, content_type="image/jpeg")


class ClassifiersView(generics.ListAPIView[Classifier]):
    """An extension: Anesya's API has no list of classifiers."""

    serializer_class = ClassifierSerializer

    def get_queryset(self) -> QuerySet[Classifier]:
        return Classifier.objects.filter(account=account_of(self.request)).prefetch_related("categories")

    @openapi_descriptions.CLASSIFIER_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)


class ClassifierView(APIView):
    """An extension. The caller chooses the id, so that a call can be repeated."""

    @openapi_descriptions.CLASSIFIER_PUT
    def put(self, request: Request, id: UUID) -> Response:
        given = ClassifierWriteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        account = account_of(request)
        with transaction.atomic():
            name, categories = given.validated_data["name"], given.validated_data["categories"]
            classifier, created = Classifier.objects.get_or_create(id=id, defaults={"account": account, "name": name})
            if classifier.account_id != account.pk:
                raise Http404
            Classifier.objects.filter(pk=id).update(name=name)
            _replace_categories(classifier, categories)
        classifier.refresh_from_db()
        return Response(ClassifierSerializer(classifier).data, status=201 if created else 200)

    @openapi_descriptions.CLASSIFIER_DESTROY
    def delete(self, request: Request, id: UUID) -> Response:
        Classifier.objects.filter(account=account_of(request), pk=id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


def _replace_categories(classifier: Classifier, categories: list[dict[str, str]]) -> None:
    """Categories that stay keep the documents that were corrected to them."""
    classifier.categories.exclude(name__in=[category["name"] for category in categories]).delete()
    for category in categories:
        classifier.categories.update_or_create(name=category["name"], defaults={"description": category["description"]})


class CorrectionView(generics.GenericAPIView[Extract]):
    """An extension: the corrected category is an example for the classifier until the document is deleted."""

    serializer_class = CorrectionSerializer
    lookup_field = "id"

    def get_queryset(self) -> QuerySet[Extract]:
        return Extract.objects.filter(account=account_of(self.request))

    @openapi_descriptions.CORRECTION_CREATE
    def post(self, request: Request, id: str) -> Response:
        extract = self.get_object()
        correction = CorrectionSerializer(data=request.data)
        correction.is_valid(raise_exception=True)
        if extract.status != Status.FINISHED:
            raise Conflict("The document has not been read yet.")
        chosen = correction.validated_data.get("classifier") or extract.classifier_id
        categories = ClassifierCategory.objects.filter(classifier=chosen, classifier__account=extract.account_id)
        category = categories.filter(name=correction.validated_data["category"]).first()
        if category is None:
            raise Conflict("This is none of the categories of the document's classifier.")
        with transaction.atomic():
            Correction.objects.filter(extract=extract, category__classifier=chosen).delete()
            Correction.objects.create(extract=extract, category=category, created_at=now())
        return Response({"category": category.name})

    @openapi_descriptions.CORRECTION_DESTROY
    def delete(self, request: Request, id: str) -> Response:
        rows = Correction.objects.filter(extract=self.get_object())
        if classifier := request.query_params.get("classifier"):
            rows = rows.filter(category__classifier=UUIDField().to_internal_value(classifier))
        rows.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class HealthView(APIView):
    """An extension. Uploads are accepted while the engine warms up; `broken` means that models cannot be loaded."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @openapi_descriptions.HEALTH
    def get(self, request: Request) -> Response:
        if work_queue.broken.is_set():
            return Response({"status": "broken"}, status=status.HTTP_503_SERVICE_UNAVAILABLE)
        return Response({"status": "ready" if work_queue.ready.is_set() else "warming"})
