"""The audit log for those who administer: a list to narrow down, and the same as a file."""

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

from portal.audit.models import Entry, EntryQuerySet
from portal.audit.reading import LogForm, page_of, rows_of
from portal.audit.recording import Action, record
from portal.people.models import Membership, User

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class SignedIn(HttpRequest):
    user: User


@login_required
@require_safe
def log(request: SignedIn) -> HttpResponse:
    entries, form = _asked_for(request)
    if not form.is_valid():
        context = {"form": form, "lines": [], "next": None}
        return render(request, "audit/log.html", context, status=HTTPStatus.BAD_REQUEST)
    lines, following = page_of(form.narrow(entries), form.cleaned_data.get("before"))
    return render(request, "audit/log.html", {"form": form, "lines": lines, "next": following})


@login_required
@require_safe
def export(request: SignedIn) -> HttpResponseBase:
    """The narrowed list as CSV, streamed. That it was taken is a line of its own."""
    entries, form = _asked_for(request)
    if not form.is_valid():
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    chosen = form.narrow(entries)
    record(Action.EXPORTED, after={"what": "audit log"})
    answer = StreamingHttpResponse(_as_csv(chosen), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def _asked_for(request: SignedIn) -> tuple[EntryQuerySet, LogForm]:
    administered = Membership.objects.filter(person=request.user, role=Membership.Role.ADMINISTRATOR)
    if not (request.user.is_superuser or administered.exists()):
        raise PermissionDenied(_("The audit log is for administrators of a team."))
    people = Membership.objects.all()
    if not request.user.is_superuser:
        people = people.filter(team__in=administered.values("team"))
    return Entry.objects.visible_to(request.user), LogForm(request.GET, list(people.values_list("person", flat=True)))


class _Line:
    """What `csv` writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def _as_csv(entries: EntryQuerySet) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"
    for row in rows_of(entries):
        yield writer.writerow([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row])
