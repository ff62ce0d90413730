"""A schema proposed from examples: which ones, what was found in them, and on into the editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.forms.schema_proposal import ExamplesForm, chosen_numbers, known_language, teams_of
from extractions.intake.budget import OverBudget
from extractions.intake.receiving import Refused, discard, receive
from extractions.intake.submitting import Options
from extractions.intake.unattended import Arrival, submit_once
from extractions.models import Extraction, SchemaProposal
from extractions.presentation.schemas.proposals import ProposalPage
from extractions.presentation.upload.refusals import refusal
from extractions.schemas.fields import Field, Kind, json_of
from extractions.schemas.proposing import chosen_fields
from extractions.schemas.schema_files import SchemaFile
from extractions.schemas.starting_points import LANGUAGES
from extractions.services import proposals as service
from extractions.views.live import AuthenticatedRequest, live, refreshed
from extractions.views.schema_editor import open_proposed, require_author
from portal.people.membership import administers
from portal.people.models import Team


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_proposal(request: AuthenticatedRequest) -> HttpResponse:
    """Which documents it is proposed from. Files that are dropped become documents of the team."""
    require_author(request)
    if not teams_of(request.user).exists():  # staff of the site write schemas everywhere, but see no documents
        return render(request, "extractions/new_proposal.html", {"alone": True})
    form = ExamplesForm(request.POST or None, person=request.user, languages=_languages(), initial=_initial())
    if request.method != "POST" or not form.is_valid():
        return _choice(request, form, form.fields["team"].initial, [], status=422 if form.errors else 200)
    team: Team = form.cleaned_data["team"]
    if not service.can_propose(team):
        return _choice(request, form, team, [])
    uploads = request.FILES.getlist("files")
    chosen = list(service.candidates(team, request.user).filter(pk__in=chosen_numbers(request.POST.getlist("number"))))
    if len(uploads) + len(chosen) > service.MOST_EXAMPLES:
        messages.error(request, _("Choose at most %(most)s examples.") % {"most": service.MOST_EXAMPLES})
        return _choice(request, form, team, chosen, status=422)
    taken, refused = _received(request, uploads, team)
    examples = list({row.pk: row for row in (*chosen, *taken)}.values())
    if refused or not examples:
        if not refused:
            messages.info(request, _("Nothing was chosen. Drop a document, or tick one below."))
        return _choice(request, form, team, examples, status=422)
    return redirect(service.propose(team, examples, request.user, language=form.cleaned_data["language"]))


def _languages() -> list[tuple[str, str]]:
    return [(code, str(get_language_info(code)["name_local"])) for code in LANGUAGES]


def _initial() -> dict[str, str]:
    return {"language": known_language((get_language() or "").partition("-")[0])}


def _received(
    request: AuthenticatedRequest, uploads: list[UploadedFile[Any]], team: Team
) -> tuple[list[Extraction], bool]:
    """The documents that the files became, and whether one of them was refused."""
    taken, refused = [], False
    for upload in uploads:
        try:
            stored = receive(upload)
        except Refused as error:
            messages.error(request, str(refusal(upload.name or "", error.reason, error.facts)))
            refused = True
            continue
        try:
            row = submit_once(stored, Options(server=settings.ANESYA_SERVER), Arrival(request.user, team))
        except OverBudget:
            discard(stored)
            messages.error(request, _("Your team would spend more credits than it may this month. Nothing was sent."))
            refused = True
        else:
            taken.append(row.extraction)
    return taken, refused


def _choice(
    request: AuthenticatedRequest, form: ExamplesForm, team: Team, chosen: list[Extraction], *, status: int = 200
) -> HttpResponse:
    rows = [*chosen, *service.candidates(team, request.user).exclude(pk__in=[row.pk for row in chosen])]
    context = {
        "form": form,
        "team": team,
        "possible": service.can_propose(team),
        "candidates": rows[: service.OFFERED],
        "chosen": {row.pk for row in chosen},
        "most": service.MOST_EXAMPLES,
    }
    return render(request, "extractions/new_proposal.html", context, status=status)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def schema_proposal(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What is being read, then the fields to choose from; what is ticked goes on into the editor."""
    rows = SchemaProposal.objects.visible_to(request.user).select_related("team", "person")
    row = get_object_or_404(rows, pk=pk)
    if not administers(request.user, row.team_id):
        raise PermissionDenied(_("Only administrators of the team may do this."))
    if request.method == "POST":
        return _taken(request, row, _given(request))
    page = ProposalPage(row, request.user)
    part = "extractions/_schema_proposal.html"
    return refreshed(request, "extractions/schema_proposal.html", part, {"page": page}, facts=page.facts)


def _given(request: AuthenticatedRequest) -> dict[str, str]:
    """Titles by key of what was ticked."""
    return {key: request.POST.get(f"title:{key}", "")[:200] for key in request.POST.getlist("take")}


def _taken(request: AuthenticatedRequest, row: SchemaProposal, given: Mapping[str, str]) -> HttpResponse:
    page = ProposalPage(row, request.user, given)
    fields = chosen_fields(page.found.fields, given, row.language)
    if not fields:
        messages.info(request, _("Tick at least one field."))
        return render(request, "extractions/schema_proposal.html", {"page": page}, status=422)
    schema = json_of(Field("", Kind.GROUP, fields=fields))
    found = page.found
    return open_proposed(request, row, SchemaFile(found.name, found.description, found.additional_informations, schema))
