"""Column review: one field across many documents."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.models import Schema
from extractions.presentation.review.column_review import fields_of, label, rows_of, schemas_waiting
from extractions.presentation.review.edit_refusals import REFUSALS, refusal
from extractions.review import edits
from extractions.review.typed_values import kind_at, read
from extractions.verification.review_status import AMOUNT
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.review import get_reviewable


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def column(request: AuthenticatedRequest) -> HttpResponse:
    """A POST comes from a browser without scripts, with the value of one row."""
    if request.method == "POST":
        return _answer(request)
    schemas = schemas_waiting(request.user)
    requested = request.GET.get("schema") or (schemas[0].key if schemas else "")
    # Only schemas with waiting documents are accepted, so that other teams' schemas do not leak.
    schema = Schema.objects.get(pk=requested) if requested in {item.key for item in schemas} else None
    fields = fields_of(schema, request.user) if schema else []
    path = _field(request.GET.get("field", ""), [field.key for field in fields])
    rows, total = rows_of(schema, path, request.user) if schema and path else ([], 0)
    context = {
        "schemas": schemas,
        "schema": schema,
        "fields": fields,
        "path": path,
        "label": label(schema.schema, path) if schema and path else "",
        "rows": rows,
        "total": total,
    }
    response = render(request, "review/column.html", context)
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _field(requested: str, paths: list[str]) -> str:
    """The requested field; by default the document's amount, or else the first field."""
    if requested in paths:
        return requested
    likely = (path for name in AMOUNT for path in paths if path.rpartition(".")[2] == name)
    return next(likely, paths[0] if paths else "")


def _answer(request: AuthenticatedRequest) -> HttpResponse:
    path = request.POST.get("path", "")
    try:
        extraction = get_reviewable(request, UUID(request.POST.get("key", "")))
        version = int(request.POST.get("version", ""))
    except ValueError as error:
        raise BadRequest("row") from error
    schema = extraction.schema.schema if extraction.schema else None
    try:
        typed = read(request.POST.get("text", ""), kind_at(schema, path))
        edits.set_value(extraction, path, typed, request.user, version=version)
    except REFUSALS as refused:
        messages.error(request, f"{extraction.name}: {refusal(refused)}")
    except (edits.Clash, edits.Closed):
        messages.error(request, _("%(name)s: somebody else changed this in the meantime.") % {"name": extraction.name})
    query = {"schema": str(extraction.schema_id or ""), "field": path}
    return redirect(reverse("extractions:review_column", query=query))
