"""The audit log for administrators: a filtered list and its export."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.audit.log_listing import LogForm, page_of, rows_of
from portal.audit.models import Entry, EntryQuerySet
from portal.audit.recording import Action, record
from portal.people.models import Membership, User

FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")


class AuthenticatedRequest(HttpRequest):
    user: User


@login_required
@require_safe
def log(request: AuthenticatedRequest) -> HttpResponse:
    entries, form = _visible_entries(request)
    if not form.is_valid():
        context = {"form": form, "lines": [], "next": None}
        return render(request, "audit/log.html", context, status=HTTPStatus.BAD_REQUEST)
    lines, following = page_of(form.narrow(entries), form.cleaned_data.get("before"))
    return render(request, "audit/log.html", {"form": form, "lines": lines, "next": following})


@login_required
@require_safe
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The filtered list as streamed CSV; the export itself is audited."""
    entries, form = _visible_entries(request)
    if not form.is_valid():
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    chosen = form.narrow(entries)
    record(Action.EXPORTED, after={"what": "audit log"})
    response = StreamingHttpResponse(_as_csv(chosen), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _visible_entries(request: AuthenticatedRequest) -> tuple[EntryQuerySet, LogForm]:
    administered = Membership.objects.filter(person=request.user, role=Membership.Role.ADMINISTRATOR)
    if not (request.user.is_superuser or administered.exists()):
        raise PermissionDenied(_("The audit log is for administrators of a team."))
    people = Membership.objects.all()
    if not request.user.is_superuser:
        people = people.filter(team__in=administered.values("team"))
    return Entry.objects.visible_to(request.user), LogForm(request.GET, list(people.values_list("person", flat=True)))


class _Echo:
    """A file-like target for `csv.writer` that returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def _as_csv(entries: EntryQuerySet) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows_of(entries):
        yield writer.writerow([f"'{cell}" if cell.startswith(FORMULA_PREFIXES) else cell for cell in row])
