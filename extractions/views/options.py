"""What can be chosen for a document: schemas, which the service lists, and classifiers, which staff enter."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import ProtectedError, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.bell import ring
from extractions.classifiers import ClassifierForm
from extractions.models import Classifier, Connection, Schema
from extractions.presentation.schema_tree import Line, field_count, lines_of
from extractions.views.live import AuthenticatedRequest
from portal.people.membership import administers


@dataclass(frozen=True, slots=True)
class Readable:
    """A schema with its fields as lines."""

    row: Schema
    fields: int
    lines: list[Line]


@login_required
@require_safe
def schemas(request: AuthenticatedRequest) -> HttpResponse:
    used = Connection.used_by(request.user)
    rows = [
        Readable(row, field_count(row.schema), lines_of(row.schema))
        for row in Schema.objects.filter(connection__in=used).select_related("connection__team")
    ]
    offered = [one for one in rows if one.row.missing_since is None]
    gone = [one for one in rows if one.row.missing_since is not None]
    context = {"connection": used[0], "several": len(used) > 1, "offered": offered, "gone": gone}
    return render(request, "extractions/schemas.html", context)


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def refresh(request: AuthenticatedRequest) -> HttpResponse:
    for connection in {Connection.current(), *Connection.objects.own().filter(retired_at__isnull=True)}:
        connection.want_refresh()
    ring()
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
    context = {"rows": rows, "form": form, "several": len(used) > 1, "addable": chosen}
    status = 403 if request.method == "POST" and form is None else 200
    return render(request, "extractions/classifiers.html", context, status=status)


@login_required
@permission_required("extractions.change_classifier", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def classifier(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(_of_accounts_in_use(), pk=pk)
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
    row = get_object_or_404(_of_accounts_in_use(), pk=pk)
    try:
        row.delete()
    except ProtectedError:
        messages.error(request, _("“%(name)s” stays: documents were read with it.") % {"name": row})
    else:
        messages.success(request, _("“%(name)s” is removed.") % {"name": row})
    return redirect("extractions:classifiers")


def _addable(request: AuthenticatedRequest, used: list[Connection]) -> list[Connection]:
    """To which accounts this person may add classifiers, the chosen one first: staff to all, others to their team's."""
    every = request.user.has_perm("extractions.add_classifier")
    mine = [one for one in used if every or (one.team_id and administers(request.user, one.team_id))]
    return sorted(mine, key=lambda one: str(one.pk) != request.POST.get("connection"))


def _of_accounts_in_use() -> QuerySet[Classifier]:
    """Of the settings, the site and the teams, but not of addresses that nobody uses any more."""
    own = Connection.objects.own().filter(retired_at__isnull=True)
    return Classifier.objects.filter(Q(connection=Connection.current()) | Q(connection__in=own))
