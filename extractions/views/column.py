"""Column review: one field over many documents, confirmed one Enter at a time."""

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

from extractions.assessing import AMOUNT
from extractions.models import Schema
from extractions.presentation.column import fields_of, label, rows_of, schemas_waiting
from extractions.services import judging
from extractions.services.typed import NotThatKind, kind_at, read
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.review import at_review


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def column(request: AuthenticatedRequest) -> HttpResponse:
    """A POST comes from a browser without scripts and answers one row."""
    if request.method == "POST":
        return _answer(request)
    schemas = schemas_waiting(request.user)
    asked = request.GET.get("schema") or (schemas[0].key if schemas else "")
    # Only what waits for this person can be chosen, so nobody learns of another team's schemas.
    schema = Schema.objects.get(pk=asked) if asked in {one.key for one in schemas} else None
    fields = fields_of(schema, request.user) if schema else []
    path = _field(request.GET.get("field", ""), [one.key for one in fields])
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
    answer = render(request, "review/column.html", context)
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def _field(asked: str, paths: list[str]) -> str:
    """The one asked for; at first the one that is most often worth it."""
    if asked in paths:
        return asked
    likely = (path for name in AMOUNT for path in paths if path.rpartition(".")[2] == name)
    return next(likely, paths[0] if paths else "")


def _answer(request: AuthenticatedRequest) -> HttpResponse:
    path = request.POST.get("path", "")
    try:
        extraction = at_review(request, UUID(request.POST.get("key", "")))
        version = int(request.POST.get("version", ""))
    except ValueError as error:
        raise BadRequest("row") from error
    schema = extraction.schema.schema if extraction.schema else None
    try:
        typed = read(request.POST.get("text", ""), kind_at(schema, path))
        judging.set_value(extraction, path, typed, request.user, version=version)
    except NotThatKind as refused:
        messages.error(request, f"{extraction.name}: {refused}")
    except (judging.Clash, judging.Closed):
        messages.error(request, _("%(name)s: somebody else changed this in the meantime.") % {"name": extraction.name})
    query = {"schema": str(extraction.schema_id or ""), "field": path}
    return redirect(reverse("extractions:review_column", query=query))
