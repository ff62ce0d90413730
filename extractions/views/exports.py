"""Exports of one document, of those ticked, or of all that match: streamed, or made by the worker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.timezone import get_current_timezone_name, localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.exports.archive import Archive
from extractions.exports.exported import log_download, log_export
from extractions.exports.layout import Layout
from extractions.exports.making import FORMATS, PEOPLE, PROGRAMS, Stream, at_once, teams_of
from extractions.exports.reading import document_ids
from extractions.intake.file_names import clean_name
from extractions.models import Export, ExportMapping, Schema
from extractions.models.export import TooManyExports
from extractions.presentation.lists.listing import Listing
from extractions.result.schema import leaf_paths
from extractions.storage.file_store import require
from extractions.storage.served_files import SANDBOXED, guarded
from extractions.views.access import get_visible
from extractions.views.live import AuthenticatedRequest, live, refreshed
from portal.parameters import row_id
from portal.people.models import Membership

MAX_NUMBERS = 5000
STYLES = (PEOPLE, PROGRAMS)
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponseBase:
    """Choose a format; a POST streams the file, or redirects to the page of a background export."""
    parameters = request.GET.copy()
    chosen = _numbers(parameters.get("numbers", ""))
    parameters.pop("numbers", None)
    query = parameters.urlencode()[:2000]
    if request.method == "POST":
        return _begin(request, query, chosen)
    listing = Listing(request.user, parameters)
    context = {
        "count": len(chosen) if chosen else listing.total,
        "many": not chosen and listing.many,
        "listing": listing,
        "forms": [(name, words) for name, (words, _ending, _mime) in FORMATS.items()],
        "schemas": Schema.objects.visible_to(request.user).filter(missing_since__isnull=True).defer("schema"),
        "semicolon": get_language() != "en",
        "back": _list_at(query),
        "earlier": Export.objects.visible_to(request.user)[:5],
    }
    return render(request, "extractions/new_export.html", context)


def _begin(request: AuthenticatedRequest, query: str, chosen: list[int]) -> HttpResponseBase:
    form = request.POST.get("form", "")
    separator = SEPARATORS.get(request.POST.get("separator", "comma"))
    style = request.POST.get("style", PROGRAMS)
    if form not in FORMATS or separator is None or style not in STYLES:
        raise BadRequest("form")
    numbers = document_ids(request.user, query, chosen)
    if not numbers:
        messages.warning(request, _("There is nothing to export: no document matches any more."))
        return redirect(_list_at(query))
    teams = teams_of(request.user.pk)
    if not at_once(form, len(numbers)):
        try:
            Export.check_room(request.user)
        except TooManyExports:
            messages.warning(request, _("You have too many exports. Cancel some, or wait: they are kept for a day."))
            return redirect("extractions:exports")
    lines = log_export(form, numbers, search="" if chosen else query)
    if at_once(form, len(numbers)):
        return _streamed(form, numbers, teams, separator, people=style == PEOPLE)
    row = Export.request(
        person=request.user,
        teams=teams,
        form=form,
        query=query,
        numbers=chosen,
        total=len(numbers),
        options={
            "separator": separator,
            "style": style,
            "language": get_language(),
            "zone": get_current_timezone_name(),
            "lines": lines,
        },
    )
    return redirect(row)


def _streamed(
    form: str, numbers: Sequence[int], teams: Sequence[int], separator: str, *, people: bool, stem: str = ""
) -> HttpResponseBase:
    _words, ending, mime = FORMATS[form]
    if form == "zip":
        require()
    stream = Stream(form, numbers, teams, separator, _ignore_progress, people)
    response = StreamingHttpResponse(iter(stream), content_type=mime)
    return _attached(response, f"{stem or _('documents') + f'-{localdate():%Y-%m-%d}'}.{ending}")


def _ignore_progress(count: int) -> None:
    """A direct download reports no progress."""


@live
@login_required
@require_safe
def exports(request: AuthenticatedRequest) -> HttpResponse:
    rows = list(Export.objects.visible_to(request.user))
    return render(request, "extractions/exports.html", {"exports": rows})


@live
@login_required
@require_safe
def export(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    row = get_object_or_404(Export.objects.visible_to(request.user), key=key)
    context = {"export": row, "form_words": FORMATS[row.form][0], "back": _list_at(row.query)}
    facts = (row.state, row.done, row.total)
    return refreshed(request, "extractions/export.html", "extractions/_export.html", context, facts=facts)


@live
@login_required
@require_safe
def file(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    row = get_object_or_404(Export.objects.visible_to(request.user), key=key, state=Export.State.READY)
    _words, ending, mime = FORMATS[row.form]
    try:
        content = row.file.open("rb")
    except FileNotFoundError as error:
        require()
        raise Http404 from error
    name = f"{_('documents')}-{localdate(row.created_at):%Y-%m-%d}.{ending}"
    return guarded(FileResponse(content, as_attachment=True, filename=name, content_type=mime), SANDBOXED)


@live
@login_required
@require_POST
def cancel(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    row = get_object_or_404(Export.objects.visible_to(request.user), key=key)
    if row.cancel():
        messages.success(request, _("The export is cancelled."))
    return redirect(_list_at(row.query))


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: AuthenticatedRequest) -> HttpResponse:
    """The export mapping of a schema: which fields, in what order, under which headings."""
    number = request.GET.get("schema", "")
    schema = get_object_or_404(Schema.objects.visible_to(request.user), pk=row_id(number) or 0)
    mine = Membership.objects.filter(person=request.user).exclude(role=Membership.Role.VIEWER).select_related("team")
    team_number = request.POST.get("team", request.GET.get("team", ""))
    membership = mine.filter(team__pk=row_id(team_number) or 0).first() if team_number else mine.first()
    if membership is None:
        raise PermissionDenied(_("Viewers may look at documents but not change them."))
    if request.method == "POST":
        _keep_mapping(request, membership, schema)
        return redirect(f"{reverse('extractions:export_mapping')}?schema={schema.pk}&team={membership.team_id}")
    kept = ExportMapping.objects.filter(team=membership.team_id, schema=schema).first()
    chosen = dict(kept.columns) if kept else {}
    paths = list(dict.fromkeys([*chosen, *leaf_paths(schema.schema)]))
    context = {
        "schema": schema,
        "team": membership.team,
        "teams": [item.team for item in mine],
        "rows": [(path, chosen.get(path, _plain(path)), not kept or path in chosen) for path in paths],
        "kept": kept,
    }
    return render(request, "extractions/export_mapping.html", context)


def _keep_mapping(request: AuthenticatedRequest, membership: Membership, schema: Schema) -> None:
    rows = ExportMapping.objects.filter(team=membership.team_id, schema=schema)
    if "forget" in request.POST:
        rows.delete()
        messages.success(request, _("All fields are exported again, under their own names."))
        return
    wanted = set(request.POST.getlist("wanted"))
    pairs = list(zip(request.POST.getlist("path"), request.POST.getlist("heading"), strict=False))[:500]
    columns = [[path[:1000], (heading.strip() or _plain(path))[:200]] for path, heading in pairs if path in wanted]
    places = request.POST.getlist("place")
    if len(places) >= len(pairs):
        order = {
            path: row_id(place) or 0 if place.isdecimal() else 999
            for (path, _h), place in zip(pairs, places, strict=False)
        }
        columns.sort(key=lambda column: order[column[0]])
    headings = [heading.casefold() for _path, heading in columns]
    if len(set(headings)) < len(headings):
        messages.warning(request, _("Nothing was saved: two fields have the same heading."))
        return
    ExportMapping.objects.update_or_create(team=membership.team, schema=schema, defaults={"columns": columns})
    messages.success(request, _("The columns are saved. Exports of the team use them from now on."))


@live
@login_required
@require_safe
def download(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    """One document, like the service's `download=csv|json|images`; csv by default, 202 or 204 without data.

    With `style=people`, spreadsheets have titles and words instead of names and codes.
    """
    extraction = get_visible(request, key)
    wanted = request.GET.get("download") or "csv"
    if wanted not in ("csv", "json", "images", *FORMATS):
        raise BadRequest("download")
    if wanted in ("csv", "json", "images") and extraction.extracted_data is None:
        return HttpResponse(status=202 if extraction.in_progress else 204)
    log_download(extraction, wanted)
    stem = extraction.name.rpartition(".")[0] or extraction.name
    if wanted == "json":
        text = json.dumps(extraction.raw, ensure_ascii=False, default=str)
        return _attached(HttpResponse(text, content_type="application/json"), f"{stem}.json")
    numbers = [extraction.pk]
    if wanted == "images":
        return _attached(StreamingHttpResponse(_pictures(numbers), content_type="application/zip"), f"{stem}.zip")
    if wanted == "csv":
        return _streamed("items", numbers, [extraction.team_id], ",", people=False, stem=stem)
    separator = "," if get_language() == "en" else ";"
    people = request.GET.get("style", PROGRAMS) == PEOPLE
    return _streamed(wanted, numbers, [extraction.team_id], separator, people=people, stem=stem)


def _pictures(numbers: list[int]) -> Iterator[bytes]:
    yield from Archive(numbers, Layout(), _ignore_progress, only_pictures=True).stream()


def _attached(response: HttpResponseBase, name: str) -> HttpResponseBase:
    name = clean_name(name)  # no line ends, which a header cannot carry
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return guarded(response, SANDBOXED)


def _numbers(text: str) -> list[int]:
    parts = text.split(".")[:MAX_NUMBERS] if text else []
    return [number for part in parts if (number := row_id(part)) is not None]


def _plain(path: str) -> str:
    return path.rpartition("[].")[2].replace("[]", "")


def _list_at(query: str) -> str:
    address = reverse("extractions:list")
    return f"{address}?{query}" if query else address
