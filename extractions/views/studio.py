"""A team's schema: its versions, what differs between them, and how they get to the service."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from extractions.models import SchemaVersion, StudioSchema
from extractions.presentation.schemas.comparison import compare
from extractions.presentation.schemas.studio import StudioPage, studio_page
from extractions.schemas.schema_files import write_file
from extractions.services import studio as service
from extractions.views.classifier_studio import REMOTE_ID
from extractions.views.live import AuthenticatedRequest, live, refreshed
from extractions.views.publishing import is_member, publish_or_test
from extractions.views.schema_editor import studio_for
from portal.parameters import row_id
from portal.people.membership import administers


@live
@login_required
@require_safe
def studio_schema(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    studio = studio_for(request, pk)
    page = studio_page(studio, request.user)
    context: dict[str, object] = {
        "page": page,
        "may_write": administers(request.user, studio.team_id),
        "may_try": is_member(request.user, studio.team_id),
    }
    return refreshed(
        request,
        "extractions/studio_schema.html",
        "extractions/_studio_versions.html",
        context,
        facts=_facts(page),
    )


@login_required
@require_safe
def compare_schema(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Two versions side by side; without a choice, the newest and the one before it."""
    studio = studio_for(request, pk)
    versions = list(studio.versions.all())
    numbers = {version.number: version for version in versions}
    after = numbers.get(row_id(request.GET.get("to", "")) or 0, versions[0])
    before = numbers.get(row_id(request.GET.get("from", "")) or 0) or numbers.get(after.number - 1, after)
    context = {
        "studio": studio,
        "versions": versions,
        "before": before,
        "after": after,
        "changes": compare(before, after),
        "may_write": administers(request.user, studio.team_id),
    }
    return render(request, "extractions/compare_schema.html", context)


@login_required
@require_safe
def schema_file(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    """The version as the service takes it, and as another portal imports it."""
    version = _version(studio_for(request, pk), number)
    response = HttpResponse(write_file(service.file_of(version)), content_type="application/json; charset=utf-8")
    name = get_valid_filename(version.published_name)
    header = content_disposition_header(as_attachment=True, filename=f"{name}.json")
    response.headers["Content-Disposition"] = header or ""
    return response


@login_required
@require_POST
def publish_schema(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    studio = studio_for(request, pk, write=True)
    version = _version(studio, number)
    return publish_or_test(request, version)


@login_required
@require_POST
def withdraw_schema(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    studio = studio_for(request, pk, write=True)
    version = _version(studio, number)
    if service.withdraw(version):
        messages.success(request, _("Version %(number)s is not published.") % {"number": version.number})
    else:
        messages.info(request, _("It was too late to undo this. Nothing was changed."))
    return redirect(studio)


@login_required
@require_POST
def enter_schema(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    """The id of what a person created on the service's own pages, where the service lists none."""
    studio = studio_for(request, pk, write=True)
    remote_id = request.POST.get("remote_id", "").strip()
    if not REMOTE_ID.fullmatch(remote_id):
        messages.error(request, _("That does not look like an id. Copy it from the service's own page."))
        return redirect(studio)
    try:
        entered = service.enter_by_hand(_version(studio, number), remote_id, request.user)
    except service.IdTaken:
        messages.error(request, _("Another schema has this id already."))
    else:
        said = _("The id is kept; the schema can be chosen in a moment.")
        messages.info(request, said if entered else _("It was too late to undo this. Nothing was changed."))
    return redirect(studio)


@login_required
@require_POST
def restore_schema(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    studio = studio_for(request, pk, write=True)
    version = _version(studio, number)
    reason = _("Back to version %(number)s") % {"number": version.number}
    restored = service.restore(version, request.user, reason)
    sentence = _("Version %(new)s says what version %(old)s said. Publish it to read documents with it.")
    messages.success(request, sentence % {"new": restored.number, "old": version.number})
    return redirect(studio)


@login_required
@require_POST
def remove_schema(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Remove it from the studio, or bring it back."""
    studio = studio_for(request, pk, write=True)
    if request.POST.get("back"):
        service.bring_back(studio, request.user)
        messages.success(request, _("“%(name)s” is back.") % {"name": studio})
        return redirect(studio)
    service.remove(studio, request.user)
    messages.success(request, _("“%(name)s” is removed. You can bring it back below.") % {"name": studio})
    return redirect("extractions:schemas")


def _version(studio: StudioSchema, number: int) -> SchemaVersion:
    return get_object_or_404(studio.versions, number=number)


def _facts(page: StudioPage) -> object:
    return [(line.version.pk, line.documents, line.standing, line.superseded) for line in page.lines]
