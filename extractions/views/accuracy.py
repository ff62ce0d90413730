"""How often values are right in a team: figures, their export, and blind second looks."""

from __future__ import annotations

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.accuracy.report import Choice, Report
from extractions.accuracy.second_looks import share_for
from extractions.exports.text import BOM, safe
from extractions.forms.accuracy import AccuracyForm, SecondLookShareForm
from extractions.presentation.document.page_viewer import page_views_of
from extractions.presentation.operations import accuracy as words
from extractions.presentation.review.look_fields import look_fields, read_look
from extractions.review import second_looks
from extractions.review.review_queue import REVIEWERS
from extractions.views.live import AuthenticatedRequest
from portal.audit.recording import Action, record
from portal.people.membership import administers
from portal.people.models import Membership, Team, User


@login_required
@require_safe
def accuracy(request: AuthenticatedRequest) -> HttpResponse:
    teams = _teams(request.user)
    team = _chosen(teams, request.GET.get("team", ""))
    form, report, schemas = _requested(request, team)
    if not form.is_valid():
        context = {"teams": teams, "team": team, "form": form}
        return render(request, "extractions/accuracy.html", context, status=400)
    share = share_for(team.pk)
    context = {
        "teams": teams,
        "team": team,
        "form": form,
        "report": report,
        "schemas": schemas,
        "choice": report.choice,
        "chosen_field": words.field_label(_schema_of(report), report.choice.field, schemas),
        "few": report.totals.right.total < words.FEWEST,
        "certainty": words.certainty(report.looked, team.pk),
        "share": share,
        "share_form": SecondLookShareForm(initial={"share": share}) if administers(request.user, team) else None,
        "looks": second_looks.open_for(request.user).filter(extraction__team=team).count(),
    }
    return render(request, "extractions/accuracy.html", context)


@login_required
@require_safe
def export_accuracy(request: AuthenticatedRequest) -> HttpResponse:
    """The fields as the page shows them, as CSV."""
    team = _chosen(_teams(request.user), request.GET.get("team", ""))
    form, report, schemas = _requested(request, team)
    if not form.is_valid():
        return HttpResponse(status=400)
    response = HttpResponse(BOM, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="accuracy.csv"'
    writer = csv.writer(response)
    for line in words.csv_rows(report, schemas):
        writer.writerow([safe(cell) for cell in line])
    record(Action.EXPORTED, team, after={"what": "accuracy"})
    return response


@login_required
@require_POST
def second_look_share(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    if not administers(request.user, team):
        if not Membership.objects.filter(person=request.user, team=team).exists():
            raise Http404
        raise PermissionDenied(_("Only administrators of the team may do this."))
    form = SecondLookShareForm(request.POST)
    if form.is_valid():
        second_looks.save_share(team, form.cleaned_data["share"])
        messages.success(request, _("Saved. It applies to documents that are approved from now on."))
    else:
        messages.error(request, _("Give a whole number from 0 to 100."))
    return redirect(f"{reverse('extractions:accuracy')}?team={team.pk}#second-looks")


@login_required
@require_safe
def next_second_look(request: AuthenticatedRequest) -> HttpResponse:
    _teams(request.user)
    look = second_looks.open_for(request.user).select_related("extraction").first()
    if look is None:
        messages.success(request, _("No document waits for a second look."))
        return redirect("extractions:accuracy")
    return redirect("extractions:second_look", look.extraction.key)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def second_look(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The values of a document without any mark, to be read against the page."""
    look = second_looks.look_at(request.user, key)
    if look is None:
        raise Http404
    extraction = look.extraction
    fields = look_fields(extraction, second_looks.values_to_judge(extraction))
    if request.method == "POST" and (judgements := read_look(request.POST, fields)) is not None:
        return _finish(request, look, judgements)
    context = {
        "extraction": extraction,
        "fields": fields,
        "sheets": page_views_of(extraction),
        "view": "document" if request.GET.get("view") == "document" else "fields",
        "wrong": sum(bool(item.error) for item in fields),
    }
    return render(request, "review/second_look.html", context, status=422 if context["wrong"] else 200)


def _finish(request: AuthenticatedRequest, look: Any, judgements: dict[str, second_looks.Judgement]) -> HttpResponse:
    try:
        wrong = second_looks.finish(look, request.user, judgements)
    except second_looks.Over:
        messages.error(request, _("Somebody else looked at this document, or reopened it. Nothing was counted twice."))
    else:
        if wrong:
            sentence = ngettext(
                "%(count)d value was wrong. The document is to review again, with what you typed.",
                "%(count)d values were wrong. The document is to review again, with what you typed.",
                wrong,
            )
            messages.success(request, sentence % {"count": wrong})
        else:
            messages.success(request, _("Everything was right. It is counted."))
    return redirect("extractions:next_second_look")


def _teams(person: User) -> list[Team]:
    """The teams in which the person reviews; the page shows values, so others do not get in."""
    memberships = Membership.objects.filter(person=person, role__in=REVIEWERS).values("team")
    teams = list(Team.objects.filter(pk__in=memberships).order_by("name", "pk"))
    if not teams:
        raise PermissionDenied(_("This page is for reviewers of a team."))
    return teams


def _chosen(teams: list[Team], requested: str) -> Team:
    if not requested:
        return teams[0]
    found = next((team for team in teams if str(team.pk) == requested), None)
    if found is None:
        raise Http404
    return found


def _requested(request: AuthenticatedRequest, team: Team) -> tuple[AccuracyForm, Report, words.Schemas]:
    numbers = Report(Choice(team.pk), request.user).schemas
    schemas = words.schemas_of(numbers)
    form = AccuracyForm(request.GET, team, words.schema_choices(team, numbers, schemas))
    choice = form.choice if form.is_valid() else Choice(team.pk)
    return form, Report(choice, request.user), schemas


def _schema_of(report: Report) -> int:
    """The schema whose title names the chosen field."""
    return next((line.schema for line in report.shown_fields), report.choice.schema or 0)
