"""Options of documents: schemas, which the service lists, and classifiers, which are entered by hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import ProtectedError, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions import wakeup
from extractions.forms.classifier import ClassifierForm
from extractions.forms.schema_about import administered_by
from extractions.models import Classifier, Connection, Schema
from extractions.presentation.document.schema_tree import SchemaLine, field_count, lines_of
from extractions.presentation.schemas.classifier_studio import classifiers_written_here
from extractions.presentation.schemas.studio import schemas_written_here
from extractions.views.live import AuthenticatedRequest
from portal.people.membership import administers


@dataclass(frozen=True, slots=True)
class Readable:
    """A schema with its fields flattened to lines."""

    row: Schema
    fields: int
    lines: list[SchemaLine]


@login_required
@require_safe
def schemas(request: AuthenticatedRequest) -> HttpResponse:
    used = Connection.used_by(request.user)
    rows = [
        Readable(row, field_count(row.schema), lines_of(row.schema))
        for row in Schema.objects.filter(connection__in=used).select_related("connection__team")
    ]
    offered = [item for item in rows if item.row.missing_since is None and item.row.superseded_by_id is None]
    gone = [item for item in rows if item not in offered]
    context = {
        "connection": used[0],
        "several": len(used) > 1,
        "offered": offered,
        "gone": gone,
        "written": schemas_written_here(request.user),
        "may_write": administered_by(request.user).exists(),
    }
    return render(request, "extractions/schemas.html", context)


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def refresh(request: AuthenticatedRequest) -> HttpResponse:
    for connection in {Connection.current(), *Connection.objects.own().filter(retired_at__isnull=True)}:
        connection.request_refresh()
    wakeup.notify_workers()
    messages.success(request, _("The schemas are fetched again in a moment."))
    return redirect("extractions:schemas")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def classifiers(request: AuthenticatedRequest) -> HttpResponse:
    used = Connection.used_by(request.user)
    chosen = _addable(request, used)
    form = ClassifierForm(request.POST or None, instance=Classifier(connection=chosen[0])) if chosen else None
    if request.method == "POST" and form is not None and form.is_valid():
        row = form.save()
        messages.success(request, _("“%(name)s” can be chosen now.") % {"name": row})
        return redirect("extractions:classifiers")
    rows = Classifier.objects.filter(connection__in=used).select_related("connection__team").with_use()
    context = {
        "rows": rows,
        "form": form,
        "several": len(used) > 1,
        "addable": chosen,
        "written": classifiers_written_here(request.user),
        "may_write": administered_by(request.user).exists(),
    }
    status = 403 if request.method == "POST" and form is None else 200
    return render(request, "extractions/classifiers.html", context, status=status)


@login_required
@permission_required("extractions.change_classifier", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def classifier(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(_classifiers_in_use(), pk=pk)
    form = ClassifierForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("“%(name)s” is saved.") % {"name": row})
        return redirect("extractions:classifiers")
    return render(request, "extractions/classifier.html", {"form": form, "row": row})


@login_required
@permission_required("extractions.delete_classifier", raise_exception=True)
@require_POST
def remove_classifier(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(_classifiers_in_use(), pk=pk)
    try:
        row.delete()
    except ProtectedError:
        messages.error(request, _("“%(name)s” stays: documents were read with it.") % {"name": row})
    else:
        messages.success(request, _("“%(name)s” is removed.") % {"name": row})
    return redirect("extractions:classifiers")


def _addable(request: AuthenticatedRequest, used: list[Connection]) -> list[Connection]:
    """Connections to which this person may add classifiers, the chosen one first: all for staff, else their teams'."""
    every = request.user.has_perm("extractions.add_classifier")
    mine = [item for item in used if every or (item.team_id and administers(request.user, item.team_id))]
    return sorted(mine, key=lambda item: str(item.pk) != request.POST.get("connection"))


def _classifiers_in_use() -> QuerySet[Classifier]:
    """Classifiers of the connections in use: those of the settings, the site and the teams, without retired ones."""
    own = Connection.objects.own().filter(retired_at__isnull=True)
    return Classifier.objects.filter(Q(connection=Connection.current()) | Q(connection__in=own))
