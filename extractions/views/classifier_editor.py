"""The editor of a classifier. Until it is saved, everything that was typed travels with the form."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.forms.classifier_studio import CategoryRow, CategoryRows, ClassifierAboutForm, read_categories
from extractions.forms.schema_about import administered_by
from extractions.models import ClassifierVersion, Connection, Schema, StudioClassifier
from extractions.services import classifier_studio as service
from extractions.views.classifier_studio import classifier_for
from extractions.views.live import AuthenticatedRequest
from portal.parameters import row_id

SAVES = ("save", "publish")
EMPTY_ROWS = 3


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_classifier(request: AuthenticatedRequest) -> HttpResponse:
    if not administered_by(request.user).exists():
        raise PermissionDenied(_("Only administrators of a team write classifiers."))
    return _edited(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_classifier(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _edited(request, classifier_for(request, pk, write=True))


def _edited(request: AuthenticatedRequest, studio: StudioClassifier | None) -> HttpResponse:
    schemas = _schemas(request, studio)
    if request.method != "POST":
        newest = studio.newest if studio else None
        form = ClassifierAboutForm(
            initial={"name": newest.name if newest else ""}, person=request.user, new=studio is None
        )
        return _page(request, studio, form, CategoryRows(_rows_of(newest)), schemas, newest.number if newest else 0)
    form = ClassifierAboutForm(request.POST, person=request.user, new=studio is None)
    rows = read_categories(request.POST, [schema.pk for schema in schemas])
    base = row_id(request.POST.get("base", "")) or 0
    if request.POST.get("do") not in SAVES:
        return _page(request, studio, form, rows, schemas, base)
    if not form.is_valid() or not rows.is_valid:
        return _page(request, studio, form, rows, schemas, base, refused=True)
    edit = rows.edit(form, request.user)
    try:
        version = service.save(studio, edit, base=base) if studio else service.create(form.cleaned_data["team"], edit)
    except service.Conflict as conflict:
        return _page(request, studio, form, rows, schemas, conflict.newest.number, newer=conflict.newest)
    return _after_saving(request, version, base)


def _after_saving(request: AuthenticatedRequest, version: ClassifierVersion, base: int) -> HttpResponse:
    if version.number == base:
        sentence = _("Nothing differs from version %(number)s, so no new one was saved.")
        messages.info(request, sentence % {"number": base})
    else:
        messages.success(request, _("Saved as version %(number)s.") % {"number": version.number})
    if request.POST.get("do") == "publish" and version.studio.published_id != version.pk:
        service.publish(version, request.user)
    return redirect(version.studio)


def _schemas(request: AuthenticatedRequest, studio: StudioClassifier | None) -> list[Schema]:
    """What a category may choose for the next step; what it has chosen already stays."""
    if studio is None:
        used = Connection.used_by(request.user)
        return list(Schema.objects.visible_to(request.user).offered().filter(connection__in=used))
    chosen = [item.get("schema") for item in studio.newest.categories if item.get("schema")]
    rows = Schema.objects.visible_to(request.user)
    offered = rows.offered().filter(connection=Connection.for_team(studio.team_id))
    return list((offered | rows.filter(pk__in=chosen)).distinct())


def _rows_of(version: ClassifierVersion | None) -> tuple[CategoryRow, ...]:
    if version is None:
        return tuple(CategoryRow() for _number in range(EMPTY_ROWS))
    return tuple(
        CategoryRow(
            name, str(item["description"]), version.schema_for(name), version.starts_by_itself(name), former=name
        )
        for item in version.categories
        if (name := str(item["name"]))
    )


def _page(
    request: AuthenticatedRequest,
    studio: StudioClassifier | None,
    form: ClassifierAboutForm,
    rows: CategoryRows,
    schemas: list[Schema],
    base: int,
    *,
    refused: bool = False,
    newer: ClassifierVersion | None = None,
) -> HttpResponse:
    context = {"studio": studio, "form": form, "rows": rows, "schemas": schemas, "base": base, "newer": newer}
    return render(
        request, "extractions/classifier_editor.html", context, status=422 if refused else 409 if newer else 200
    )
