"""What can be chosen for a document: schemas, which the service lists, and classifiers, which staff enter."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.bell import ring
from extractions.classifiers import ClassifierForm
from extractions.models import Classifier, Connection, Schema
from extractions.presentation.schema_tree import Line, field_count, lines_of
from extractions.views.live import AuthenticatedRequest


@dataclass(frozen=True, slots=True)
class Readable:
    """A schema with its fields as lines."""

    row: Schema
    fields: int
    lines: list[Line]


@login_required
@require_safe
def schemas(request: AuthenticatedRequest) -> HttpResponse:
    connection = Connection.current()
    rows = [Readable(row, field_count(row.schema), lines_of(row.schema)) for row in connection.schemas.all()]
    offered = [one for one in rows if one.row.missing_since is None]
    gone = [one for one in rows if one.row.missing_since is not None]
    context = {"connection": connection, "offered": offered, "gone": gone}
    return render(request, "extractions/schemas.html", context)


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def refresh(request: AuthenticatedRequest) -> HttpResponse:
    Connection.current().want_refresh()
    ring()
    messages.success(request, _("The schemas are fetched again in a moment."))
    return redirect("extractions:schemas")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def classifiers(request: AuthenticatedRequest) -> HttpResponse:
    connection = Connection.current()
    may_add = request.user.has_perm("extractions.add_classifier")
    form = ClassifierForm(request.POST or None, instance=Classifier(connection=connection)) if may_add else None
    if request.method == "POST" and form is not None and form.is_valid():
        row = form.save()
        messages.success(request, _("“%(name)s” can be chosen now.") % {"name": row})
        return redirect("extractions:classifiers")
    context = {"rows": connection.classifiers.with_use(), "form": form}
    status = 403 if request.method == "POST" and form is None else 200
    return render(request, "extractions/classifiers.html", context, status=status)


@login_required
@permission_required("extractions.change_classifier", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def classifier(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Connection.current().classifiers, pk=pk)
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
    row = get_object_or_404(Connection.current().classifiers, pk=pk)
    try:
        row.delete()
    except ProtectedError:
        messages.error(request, _("“%(name)s” stays: documents were read with it.") % {"name": row})
    else:
        messages.success(request, _("“%(name)s” is removed.") % {"name": row})
    return redirect("extractions:classifiers")
