"""The editor of the schema studio. Until it is saved, everything that was typed travels with the form."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from extractions.forms.schema_about import SchemaAboutForm, SchemaFileForm, administered_by
from extractions.forms.schema_rows import read_rows
from extractions.models import Schema, SchemaProposal, SchemaVersion, StudioSchema, Trial
from extractions.presentation.schemas.editor import Editor, editor_of
from extractions.presentation.schemas.findings import problem_sentence
from extractions.result.schema import properties_of
from extractions.schemas.fields import Field, Kind, form_of, json_of
from extractions.schemas.json_types import JsonObject
from extractions.schemas.schema_files import SchemaFile
from extractions.schemas.starting_points import LANGUAGES, starting_points
from extractions.services import studio as service
from extractions.services import trials
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.publishing import publish_or_test, require_member
from portal.parameters import row_id
from portal.people.membership import administers

SAVES = ("save", "publish", "try")


@dataclass(frozen=True, slots=True)
class Page:
    """What the editor works on: a schema that there is, or a new one made from `origin`, examples, or nothing."""

    studio: StudioSchema | None = None
    origin: Schema | None = None
    proposal: SchemaProposal | None = None

    @property
    def action(self) -> str:
        if self.studio is None:
            return reverse("extractions:new_schema")
        return reverse("extractions:edit_schema", args=[self.studio.pk])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start_schema(request: AuthenticatedRequest) -> HttpResponse:
    """What a new schema can start from; a file is opened in the editor at once."""
    require_author(request)
    form = SchemaFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _opened(request, Page(), form.schema)
    language = request.GET.get("language") or (get_language() or "").partition("-")[0]
    language = language if language in LANGUAGES else LANGUAGES[0]
    context = {
        "form": form,
        "problem": problem_sentence(form.problem) if form.problem else "",
        "points": starting_points(language).values(),
        "language": language,
        "languages": LANGUAGES,
    }
    return render(request, "extractions/start_schema.html", context, status=422 if form.errors else 200)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_schema(request: AuthenticatedRequest) -> HttpResponse:
    require_author(request)
    origin = _origin(request)
    if request.method == "POST":
        return _edited(request, Page(origin=origin, proposal=_proposal(request)))
    known = StudioSchema.objects.filter(versions__publications__schema=origin, removed_at=None) if origin else None
    if known is not None and (there := known.filter(team__in=administered_by(request.user)).first()):
        return redirect("extractions:edit_schema", there.pk)
    if draft := _draft(request):
        return _opened(request, Page(origin=origin), trials.file_of(draft))
    return _opened(request, Page(origin=origin), _start(request, origin))


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_schema(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    studio = studio_for(request, pk, write=True)
    page = Page(studio=studio)
    if request.method == "POST":
        return _edited(request, page)
    if draft := _draft(request):
        return _opened(request, page, trials.file_of(draft), base=draft.base)
    return _opened(request, page, service.file_of(studio.newest))


def open_proposed(request: AuthenticatedRequest, proposal: SchemaProposal, file: SchemaFile) -> HttpResponse:
    """The editor on what was ticked of a proposal."""
    return _opened(request, Page(proposal=proposal), file)


def require_author(request: AuthenticatedRequest) -> None:
    if not administered_by(request.user).exists():
        raise PermissionDenied(_("Only administrators of a team write schemas."))


def studio_for(request: AuthenticatedRequest, pk: int, *, write: bool = False) -> StudioSchema:
    """The schema; 404 for those of other teams, 403 for members who may not write."""
    studio = get_object_or_404(StudioSchema.objects.visible_to(request.user).select_related("team"), pk=pk)
    if write and not administers(request.user, studio.team_id):
        raise PermissionDenied(_("Only administrators of the team may do this."))
    return studio


def _origin(request: AuthenticatedRequest) -> Schema | None:
    """The service's schema that is to be edited."""
    number = row_id((request.POST if request.method == "POST" else request.GET).get("schema", ""))
    return get_object_or_404(Schema.objects.visible_to(request.user), pk=number) if number else None


def _proposal(request: AuthenticatedRequest) -> SchemaProposal | None:
    """The proposal that it began with, which a person may go back to."""
    number = row_id(request.POST.get("proposal", ""))
    return SchemaProposal.objects.visible_to(request.user).filter(pk=number).first() if number else None


def _start(request: AuthenticatedRequest, origin: Schema | None) -> SchemaFile:
    if origin is not None and properties_of(origin.schema):
        return SchemaFile(origin.name, origin.description, origin.additional_informations, origin.schema)
    if number := row_id(request.GET.get("copy", "")):
        of = service.file_of(studio_for(request, number).newest)
        name = _("%(name)s (copy)") % {"name": of.name}
        return SchemaFile(name, of.description, of.additional_informations, of.schema)
    point = starting_points(request.GET.get("language", "")).get(request.GET.get("start", ""))
    return point.file if point else SchemaFile("", "", "", json_of(Field("", Kind.GROUP, fields=(Field("field"),))))


def _opened(request: AuthenticatedRequest, page: Page, file: SchemaFile, *, base: int | None = None) -> HttpResponse:
    initial: JsonObject = {
        "name": file.name,
        "description": file.description,
        "additional_informations": file.additional_informations,
    }
    if page.proposal is not None:
        initial["team"] = page.proposal.team
    form = SchemaAboutForm(initial=initial, person=request.user, new=page.studio is None)
    if base is None:
        base = page.studio.newest.number if page.studio else 0
    return _page(request, page, form=form, editor=editor_of(form_of(file.schema)), base=base)


def _edited(request: AuthenticatedRequest, page: Page) -> HttpResponse:
    submitted = read_rows(request.POST)
    editor = editor_of(submitted.root, submitted.text, submitted.problem, submitted.focus)
    action = request.POST.get("do", "")
    if action not in SAVES and request.htmx:
        return render(request, "extractions/_schema_editor.html", {"editor": editor})
    form = SchemaAboutForm(request.POST, person=request.user, new=page.studio is None)
    base = row_id(request.POST.get("base", "")) or 0
    if action not in SAVES:
        return _page(request, page, form=form, editor=editor, base=base)
    if not form.is_valid() or not editor.can_be_saved:
        return _page(request, page, form=form, editor=editor, base=base, refused=True)
    if action == "try":
        return _tried(request, page, form, form.file_with(json_of(submitted.root)), base)
    edit = service.Edit(form.file_with(json_of(submitted.root)), request.user, form.cleaned_data["reason"])
    try:
        version = _saved(page, edit, form, base)
    except service.Conflict as conflict:
        return _page(request, page, form=form, editor=editor, base=conflict.newest.number, newer=conflict.newest)
    return _after_saving(request, version, base, publish=action == "publish")


def _tried(
    request: AuthenticatedRequest, page: Page, form: SchemaAboutForm, file: SchemaFile, base: int
) -> HttpResponse:
    """Keep the draft, unsaved, and lead to the documents it can be tried on."""
    team = page.studio.team if page.studio else form.cleaned_data["team"]
    require_member(request, team.pk)
    return redirect(trials.draft(team, file, request.user, studio=page.studio, base=base))


def _draft(request: AuthenticatedRequest) -> Trial | None:
    """The draft that was tried and is gone on with."""
    number = row_id(request.GET.get("trial", ""))
    return get_object_or_404(Trial.objects.visible_to(request.user), pk=number) if number else None


def _saved(page: Page, edit: service.Edit, form: SchemaAboutForm, base: int) -> SchemaVersion:
    if page.studio is None:
        return service.create(form.cleaned_data["team"], edit, origin=page.origin)
    return service.save(page.studio, edit, base=base)


def _after_saving(request: AuthenticatedRequest, version: SchemaVersion, base: int, *, publish: bool) -> HttpResponse:
    if version.number == base:
        messages.info(
            request, _("Nothing differs from version %(number)s, so no new one was saved.") % {"number": base}
        )
    else:
        messages.success(request, _("Saved as version %(number)s.") % {"number": version.number})
    if publish and not version.publications.filter(state="published").exists():
        return publish_or_test(request, version)
    return redirect(version.studio)


def _page(
    request: AuthenticatedRequest,
    page: Page,
    *,
    form: SchemaAboutForm,
    editor: Editor,
    base: int,
    refused: bool = False,
    newer: SchemaVersion | None = None,
) -> HttpResponse:
    context: JsonObject = {
        "page": page,
        "form": form,
        "editor": editor,
        "base": base,
        "refused": refused,
        "newer": newer,
    }
    status = 422 if refused else 409 if newer else 200
    return render(request, "extractions/schema_editor.html", context, status=status)
