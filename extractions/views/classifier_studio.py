"""A team's classifier: its versions, examples and tests, and the way to the service."""

from __future__ import annotations

import re
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from extractions.models import ClassifierVersion, Extraction, StudioClassifier
from extractions.presentation.schemas.classifier_studio import ClassifierPage
from extractions.services import classifier_studio as service
from extractions.views.live import AuthenticatedRequest, live, refreshed
from portal.people.membership import administers

REMOTE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")


@live
@login_required
@require_safe
def studio_classifier(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    page = ClassifierPage(classifier_for(request, pk), request.user)
    context: dict[str, object] = {"page": page, "may_write": administers(request.user, page.studio.team_id)}
    facts = [(version.pk, standing) for version, standing in page.lines]
    report = page.report
    return refreshed(
        request,
        "extractions/studio_classifier.html",
        "extractions/_classifier_state.html",
        context,
        facts=(facts, report and (report.test.pk, report.ended, report.test.ended_at)),
    )


@login_required
@require_POST
def publish_classifier(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    studio = classifier_for(request, pk, write=True)
    service.publish(_version(studio, number), request.user)
    return redirect(studio)


@login_required
@require_POST
def enter_classifier(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    """The id of what a person created on the service's own pages."""
    studio = classifier_for(request, pk, write=True)
    remote_id = request.POST.get("remote_id", "").strip()
    if not REMOTE_ID.fullmatch(remote_id):
        messages.error(request, _("That does not look like an id. Copy it from the service's own page."))
        return redirect(studio)
    try:
        row = service.enter_by_hand(_version(studio, number), remote_id, request.user)
    except service.IdTaken:
        messages.error(request, _("There is already a classifier with this id."))
        return redirect(studio)
    messages.success(request, _("“%(name)s” can be chosen now.") % {"name": row})
    return redirect(studio)


@login_required
@require_POST
def restore_classifier(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    studio = classifier_for(request, pk, write=True)
    version = _version(studio, number)
    reason = _("Back to version %(number)s") % {"number": number}
    restored = service.restore(version, request.user, reason)
    sentence = _("Version %(new)s says what version %(old)s said. Publish it to classify documents with it.")
    messages.success(request, sentence % {"new": restored.number, "old": number})
    return redirect(studio)


@login_required
@require_POST
def remove_studio_classifier(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Remove it from the studio, or bring it back."""
    studio = classifier_for(request, pk, write=True)
    back = bool(request.POST.get("back"))
    (service.bring_back if back else service.remove)(studio, request.user)
    if back:
        messages.success(request, _("“%(name)s” is back.") % {"name": studio})
        return redirect(studio)
    messages.success(request, _("“%(name)s” is removed. You can bring it back below.") % {"name": studio})
    return redirect("extractions:classifiers")


@login_required
@require_POST
def test_classifier(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    studio = classifier_for(request, pk, write=True)
    page = ClassifierPage(studio, request.user)
    if not page.connection.embedded:
        messages.error(request, _("Only the embedded engine tests a version before it is published."))
    elif page.running:
        messages.info(request, _("A test is running already."))
    elif service.start_test(_version(studio, number), request.user) is None:
        messages.info(request, _("There are no examples to test it on yet."))
    return redirect(studio)


@login_required
@require_POST
def add_examples(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Categories of several documents at once; an empty one says nothing."""
    studio = classifier_for(request, pk, write=True)
    chosen = {
        key.removeprefix("category-"): value
        for key, value in request.POST.items()
        if key.startswith("category-") and value in studio.newest.names
    }
    rows = Extraction.objects.visible_to(request.user).filter(team=studio.team_id, key__in=_keys(chosen))
    added = list(rows.only("pk", "key", "classifier", "classifier_result", "team", "name"))
    for extraction in added:
        service.set_category(studio, extraction, chosen[str(extraction.key)], request.user)
    sentence = ngettext("%(count)s example is added.", "%(count)s examples are added.", len(added))
    messages.success(request, sentence % {"count": len(added)})
    return redirect(studio)


@login_required
@require_POST
def drop_example(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    """Take back what was said of a document."""
    studio = classifier_for(request, pk, write=True)
    visible = Extraction.objects.visible_to(request.user).values("pk")
    example = get_object_or_404(studio.examples.filter(extraction__in=visible).select_related("extraction"), pk=number)
    service.set_category(studio, example.extraction, "", request.user)
    messages.success(request, _("“%(name)s” is no longer an example.") % {"name": example.extraction.name})
    return redirect(studio)


def classifier_for(request: AuthenticatedRequest, pk: int, *, write: bool = False) -> StudioClassifier:
    """The classifier; 404 for those of other teams, 403 for members who may not write."""
    rows = StudioClassifier.objects.visible_to(request.user)
    studio = get_object_or_404(rows.select_related("team", "wanted", "published", "classifier"), pk=pk)
    if write and not administers(request.user, studio.team_id):
        raise PermissionDenied(_("Only administrators of the team may do this."))
    return studio


def _version(studio: StudioClassifier, number: int) -> ClassifierVersion:
    return get_object_or_404(studio.versions, number=number)


def _keys(chosen: dict[str, str]) -> list[UUID]:
    """Those that are keys of documents at all."""
    found = []
    for text in chosen:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
