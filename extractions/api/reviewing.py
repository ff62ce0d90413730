"""/api/v1/: what the dialect lacks. Values with their evidence, corrections, approvals; by the verbs of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import F
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from extractions.api import descriptions_v1 as descriptions
from extractions.api.authentication import grant_of
from extractions.api.errors import Unprocessable
from extractions.api.problems import Conflict, Outdated
from extractions.api.reviewing_serializers import (
    ActionSerializer,
    DocumentQuerySerializer,
    DocumentSerializer,
    EditSerializer,
    ReviewedDocumentSerializer,
    ValueSerializer,
)
from extractions.api.v1 import NewestFirst, ProblemView
from extractions.models import Extraction, Value
from extractions.models.extraction_queryset import LARGE_COLUMNS, ExtractionQuerySet
from extractions.presentation.review.edit_refusals import REFUSALS, refusal
from extractions.presentation.review.queue_refusals import refusal_sentence
from extractions.review import edits, review_queue
from extractions.review.review_queue import Refusal, Refused
from extractions.review.typed_values import NotThatKind, kind_at, read
from portal.audit.recording import Action, record_view
from portal.people.models import ApiToken

Scope = ApiToken.Scope


class ReviewingView(ProblemView[Extraction]):
    @property
    def reads(self) -> bool:
        return grant_of(self.request).allows(Scope.READ)

    def locked(self, key: str) -> Extraction:
        """Call within a transaction. Raises `Outdated`."""
        found = self.document(key)
        rows = Extraction.objects.select_related("schema", "connection").select_for_update(of=("self",))
        extraction = get_object_or_404(rows, pk=found.pk, team=found.team_id, delete_requested_at__isnull=True)
        wanted = self.request.headers.get("If-Match")
        if wanted and wanted.strip() != "*" and etag_of(extraction) not in parse_etags(wanted):
            raise Outdated(_("The document has changed since you saw it."))
        return extraction

    def answer(self, id: str, body: Callable[[Extraction], Any]) -> Response:
        """The outcome of a change; nothing but success for a token that may not read."""
        extraction = self.document(id)
        headers = {"ETag": etag_of(extraction)}
        if not self.reads:
            return Response(status=status.HTTP_204_NO_CONTENT, headers=headers)
        return Response(body(extraction), headers=headers)


class DocumentsView(mixins.ListModelMixin, ReviewingView):
    serializer_class = DocumentSerializer
    pagination_class = NewestFirst

    def get_queryset(self) -> ExtractionQuerySet:
        query = DocumentQuerySerializer(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        chosen = {name: value for name, value in query.validated_data.items() if value}
        return self.documents().defer(*LARGE_COLUMNS).filter(**chosen)

    @descriptions.DOCUMENT_LIST
    def get(self, request: Request) -> Response:
        return self.list(request)


class ReviewedDocumentView(ReviewingView):
    serializer_class = ReviewedDocumentSerializer

    @descriptions.DOCUMENT_RETRIEVE
    def get(self, request: Request, id: str) -> Any:
        extraction = self.document(id)
        etag = etag_of(extraction)
        record_view(Action.SEEN, extraction)
        unchanged = get_conditional_response(request._request, etag=etag)
        return unchanged or Response(self.get_serializer(extraction).data, headers={"ETag": etag})


class ValuesView(ReviewingView):
    """One correction at a time, each in the history with its author, as from the review screen."""

    serializer_class = EditSerializer
    scopes: ClassVar[dict[str, str]] = {"POST": Scope.REVIEW}

    @descriptions.VALUE_EDIT
    def post(self, request: Request, id: str) -> Response:
        edit = EditSerializer(data=request.data)
        edit.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                value = _edit(self.locked(id), edit.validated_data, grant_of(request).person)
        except edits.Clash as clash:
            facts = {"value": ValueSerializer(clash.value).data} if self.reads else {}
            raise Conflict(_("Somebody else changed this value in the meantime."), **facts) from clash
        except edits.Closed as error:
            raise Conflict(_("The review has ended. Reopen the document to change it.")) from error
        except REFUSALS as error:
            raise Unprocessable(refusal(error)) from error
        return self.answer(id, lambda _document: ValueSerializer(value).data)


class ReviewView(ReviewingView):
    """Approve, reject, reopen."""

    serializer_class = ActionSerializer
    scopes: ClassVar[dict[str, str]] = {"POST": Scope.REVIEW}

    @descriptions.REVIEW_ACTION
    def post(self, request: Request, id: str) -> Response:
        action = ActionSerializer(data=request.data)
        action.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                self._act(self.locked(id), **action.validated_data)
        except Refused as error:
            raise Conflict(refusal_sentence(error.code, self.document(id)), code=str(error.code)) from error
        context = self.get_serializer_context()
        return self.answer(id, lambda changed: ReviewedDocumentSerializer(changed, context=context).data)

    def _act(self, extraction: Extraction, action: str, reason: str = "") -> None:
        person = grant_of(self.request).person
        holder = review_queue.holder(extraction).person
        if holder is not None and holder != person:
            raise Conflict(_("%(name)s is reviewing it at the moment.") % {"name": holder})
        if action == "approve":
            review_queue.approve(extraction, person, override=reason)
        elif action == "reject":
            if not review_queue.reject(extraction, person, reason):
                raise Refused(Refusal.ENDED)
        elif not review_queue.reopen(extraction, person):
            raise Refused(Refusal.ENDED)


def etag_of(extraction: Extraction) -> str:
    """Of what the page of a document says: its state, its review and its values."""
    facts = (extraction.pk, extraction.state, extraction.status, extraction.extraction_step, extraction.review_state,
             extraction.revision, extraction.first_approved_by_id)  # fmt: skip
    return quote_etag("-".join(str(fact or "") for fact in facts))


def _edit(extraction: Extraction, wanted: dict[str, Any], author: Any) -> Value:
    path, version = wanted["path"], wanted.get("version")
    match wanted["do"]:
        case "set":
            typed = _typed(extraction, path, wanted.get("value"))
            return edits.set_value(extraction, path, typed, author, version=version)
        case "confirm":
            return edits.confirm(extraction, path, author, version=version)
        case "revert":
            return edits.revert(extraction, path, author, version=version)
        case word:
            return edits.answer(extraction, path, word, author, version=version)


def _typed(extraction: Extraction, path: str, value: Any) -> Any:
    """Texts are read as if a person had typed them; other JSON values have to be of the field's type already."""
    if value is None:
        return None
    schema = extraction.schema.schema if extraction.schema else None
    present = extraction.values.filter(path=path).annotate(sample=F("extracted")).values_list("sample", flat=True)
    kind = kind_at(schema, path, present.first())
    if isinstance(value, str):
        return read(value, kind)
    if isinstance(value, bool):
        fits = kind.name == "boolean"
    else:
        fits = kind.name == "number" or (kind.name == "integer" and isinstance(value, int))
    if not fits:
        raise NotThatKind(_("This is not of the type of the field: %(kind)s.") % {"kind": kind.name})
    return value
