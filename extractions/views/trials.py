"""Trying a schema on documents that are there already, its test set, and the gate before publishing."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from extractions.intake.budget import OverBudget
from extractions.intake.routing import OutsideRegion
from extractions.models import Extraction, Trial
from extractions.presentation.schemas.trials import trial_page
from extractions.services import test_sets
from extractions.services import trials as service
from extractions.views.access import get_visible
from extractions.views.live import AuthenticatedRequest, live, refreshed
from extractions.views.publishing import is_member
from extractions.views.schema_editor import studio_for
from portal.parameters import row_id
from portal.people.membership import administers
from portal.people.models import Membership


@live
@login_required
@require_safe
def trial(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Documents to choose from, then the progress, then what was read."""
    row = _trial(request, pk)
    page = trial_page(row, request.user)
    context: dict[str, object] = {"page": page, "may_write": administers(request.user, row.team_id)}
    return refreshed(
        request, "extractions/trial.html", "extractions/_trial.html", context, facts=(row.state, page.facts)
    )


@login_required
@require_POST
def start_trial(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Run it on the chosen documents; what costs something is told first and has to be agreed to."""
    row = _trial(request, pk, write=True)
    chosen = _chosen(request, row)
    if not chosen:
        messages.info(request, _("Nothing was selected. Tick the documents first."))
        return redirect(row)
    if len(chosen) > service.MAX_DOCUMENTS and not row.of_test_set:
        messages.info(request, _("Choose at most %(most)d documents.") % {"most": service.MAX_DOCUMENTS})
        return redirect(row)
    costs = service.costs_of(row, chosen)
    agreed = row_id(request.POST.get("agreed", "")) or 0
    if not costs.free and agreed < costs.total:
        context = {"page": trial_page(row, request.user, chosen=chosen), "may_write": True}
        return render(request, "extractions/trial.html", context)
    try:
        service.start(row, chosen, request.user, agreed=agreed)
    except OverBudget:
        messages.error(request, _("Your team would spend more credits than it may this month. Nothing was sent."))
    except OutsideRegion:
        messages.error(request, _("One of the documents must not leave its region. Nothing was sent."))
    except service.NotAsShown:
        messages.error(request, _("The costs have changed meanwhile. Nothing was sent; look again."))
    return redirect(row)


@login_required
@require_POST
def cancel_trial(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    row = _trial(request, pk, write=True)
    if service.cancel(row):
        messages.success(request, _("The trial is cancelled. What was not sent yet is not sent any more."))
    else:
        messages.info(request, _("It was too late to undo this. Nothing was changed."))
    return redirect(row.studio or "extractions:schemas")


@login_required
@require_POST
def try_version(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    """Try a saved version, on chosen documents or on the test set."""
    studio = studio_for(request, pk, write=True)
    if not is_member(request.user, studio.team_id):
        raise Http404  # staff of the site write its schemas, but its documents are not there for them
    version = get_object_or_404(studio.versions, number=number)
    return redirect(service.of_version(version, request.user, of_test_set=bool(request.POST.get("test_set"))))


@login_required
@require_safe
def test_set(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    studio = studio_for(request, pk)
    context = {
        "studio": studio,
        "documents": list(service.documents_to_test(studio, request.user)[: service.MAX_TEST_DOCUMENTS]),
        "may_write": administers(request.user, studio.team_id),
    }
    return render(request, "extractions/test_set.html", context)


@login_required
@require_POST
def test_document(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Put an approved document into the test set of its schema, or take it out."""
    extraction = get_visible(request, key)
    roles = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)
    if not Membership.objects.filter(person=request.user, team=extraction.team_id, role__in=roles).exists():
        raise PermissionDenied(_("Only reviewers of the team choose documents for tests."))
    names = {"name": extraction.name}
    if request.POST.get("out"):
        test_sets.take_out(extraction, request.user)
        messages.success(request, _("“%(name)s” is not in the test set any more.") % names)
        return _back(request, extraction)
    try:
        new = test_sets.add(extraction, request.user)
    except ValueError:
        messages.error(request, _("Only approved documents that were read with a schema can be tested on."))
    else:
        said = _("“%(name)s” is in the test set.") if new else _("“%(name)s” was in the test set already.")
        messages.success(request, said % names)
    return _back(request, extraction)


def _trial(request: AuthenticatedRequest, pk: int, *, write: bool = False) -> Trial:
    rows = Trial.objects.visible_to(request.user).select_related("team", "studio", "version", "connection", "schema")
    row = get_object_or_404(rows, pk=pk)
    if write and not administers(request.user, row.team_id):
        raise PermissionDenied(_("Only administrators of the team may do this."))
    return row


def _chosen(request: AuthenticatedRequest, row: Trial) -> list[Extraction]:
    if row.of_test_set:
        return service.candidates(row, request.user)
    numbers = [number for text in request.POST.getlist("number") if (number := row_id(text)) is not None]
    rows = service.readable(row.team_id, request.user).filter(pk__in=numbers).select_related("schema")
    return list(rows.newest_first()[: service.MAX_DOCUMENTS + 1])


def _back(request: AuthenticatedRequest, extraction: Extraction) -> HttpResponse:
    number = row_id(request.POST.get("studio", ""))
    return redirect(reverse("extractions:test_set", args=[number]) if number else extraction.get_absolute_url())
