"""The upload page: options, files, and what became of those just sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from extractions.forms import METADATA_ROWS, UploadForm, teams_to_send_for
from extractions.models import Connection, Draft, Extraction
from extractions.presentation.outlook import Row
from extractions.presentation.refusals import Refusal, refusal, sentences_for_browser
from extractions.presentation.sent import Sent
from extractions.presentation.servers import servers_now
from extractions.presentation.suggestions import last_options, metadata_used, presets_for
from extractions.samples import SAMPLES, sample_called
from extractions.services.budget import Account, capped_account_of
from extractions.services.intake import AskedBefore, Sender, looks_like_pdf, take, take_bound
from extractions.services.receiving import Refused
from extractions.services.submitting import Options
from extractions.views.live import AuthenticatedRequest, Watch, live, myself, part, unchanged

REMEMBERED = "upload_options"


@vary_on_headers("HX-Request")
@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: AuthenticatedRequest) -> HttpResponse:
    batch = batch_of(request.GET.get("sent", ""))
    if request.method != "POST" and request.htmx:
        return _news(request, Sent(request.user, batch))
    connection = connection_of(request)
    if request.method != "POST":
        _choose_team(request, connection)
        initial = initial_options(request, connection) | ({"batch": batch} if batch else {})
        return _page(request, UploadForm(initial=initial, person=request.user, connection=connection), connection)
    form = UploadForm(request.POST, request.FILES, person=request.user, connection=connection)
    if not form.is_valid():
        if request.htmx:
            return answer_row(request, _refused_form(form))
        return _page(request, form, connection, status=422)
    rows = _take_all(request, form.cleaned_data)
    remember(request, form.cleaned_data)
    if request.htmx:
        return answer_row(request, rows[0])
    if all(row.extraction for row in rows):
        return redirect(reverse("extractions:upload", query={"sent": form.cleaned_data["batch"]}))
    return _page(request, form, connection, rows=[row for row in rows if not row.extraction])


@live
@login_required
@require_POST
def sample(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    """Send one of our own documents to the embedded engine, with the schema that fits it; never to a paid service."""
    chosen = sample_called(slug)
    team = teams_to_send_for(request.user).first()
    connection = Connection.of_team(team) if team else Connection.current()
    if chosen is None or team is None or not chosen.path.exists() or not connection.embedded:
        raise Http404
    schema = connection.schemas.filter(name=chosen.schema, missing_since__isnull=True).first()
    if schema is None:
        messages.warning(
            request, _("The embedded engine is still starting; its schemas are not here yet. Try again soon.")
        )
        return redirect("extractions:upload")
    classifier = connection.classifiers.filter(missing_since__isnull=True, entered_by_hand=False).first()
    options = Options(schema, classifier, settings.ANESYA_SERVER, None, None, {})
    sender = Sender(request.user, team, batch_of(request.POST.get("batch", "")) or uuid.uuid4())
    with chosen.path.open("rb") as file:
        document = UploadedFile(File(file), name=chosen.file, size=chosen.path.stat().st_size)
        try:
            return redirect(take(document, options, sender))
        except AskedBefore as before:
            messages.info(request, _("This sample was read before; here is its result."))
            return redirect(before.earlier)


def options_from(cleaned: dict[str, Any]) -> Options:
    return Options(
        schema=cleaned["schema"],
        classifier=cleaned["classifier"],
        server=cleaned["server"],
        pdf_page_start=cleaned["pdf_page_start"],
        pdf_page_end=cleaned["pdf_page_end"],
        metadata=cleaned["metadata"],
    )


def _take_all(request: AuthenticatedRequest, cleaned: dict[str, Any]) -> list[Row]:
    """Each file by itself, except for pictures that are to be one document."""
    options, sender = options_from(cleaned), Sender(request.user, cleaned["team"], cleaned["batch"])
    files: list[UploadedFile[bytes]] = cleaned["document"]
    pictures = [file for file in files if not looks_like_pdf(file)] if cleaned["bind"] else []
    rows = []
    if len(pictures) > 1:
        files = [file for file in files if file not in pictures]
        name = _("Photos") + f" {timezone.localtime():%Y-%m-%d %H.%M}.pdf"
        size = sum(file.size or 0 for file in pictures)
        rows.append(_row(name, size, partial(take_bound, pictures, name, options, sender)))
    for file in files:
        one = partial(take, file, options, sender, password=cleaned["password"])
        rows.append(_row(file.name or _("unnamed"), file.size or 0, one))
    return rows


def _row(name: str, size: int, taking: Callable[[], Extraction]) -> Row:
    try:
        return Row(name, size, extraction=taking())
    except Refused as refused:
        return Row(name, size, refusal=refusal(name, refused.reason, refused.facts))
    except AskedBefore as before:
        return Row(name, size, earlier=before.earlier)


def _refused_form(form: UploadForm) -> Row:
    """A file whose options were not right: the sentences about the options stand beside it."""
    names = [file.name for file in form.files.getlist("document")] or [""]
    return Row(names[0] or "", 0, refusal=Refusal(names[0] or "", " ".join(form.sentences()), "", "options"))


def answer_row(request: AuthenticatedRequest, row: Row) -> HttpResponse:
    """For the script of the page, which sends one file at a time."""
    return render(request, "extractions/_upload_row.html", {"row": row})


def _page(
    request: AuthenticatedRequest,
    form: UploadForm,
    connection: Connection,
    *,
    rows: list[Row] | None = None,
    status: int = 200,
) -> HttpResponse:
    batch = batch_of(form["batch"].value())
    team: Any = form.fields["team"]
    several_teams = team.queryset.count() > 1
    # Each team may have a service of its own, with other schemas: the page is then loaded anew (static/upload.js).
    if several_teams and len(Connection.used_by(request.user)) > 1:
        team.widget.attrs["data-reload"] = ""
    samples = [] if settings.ANESYA_BASE_URL else [one for one in SAMPLES if one.path.exists()]
    context = {
        "form": form,
        "rows": rows or kept_rows(request, batch),
        "connection": connection,
        "samples": samples,
        "several_teams": several_teams,
        "servers": servers_now(connection),
        "budget": _budget_of(form),
        "limit_bytes": settings.UPLOAD_MAX_BYTES,
        "limit_mb": settings.UPLOAD_MAX_BYTES // 2**20,
        "metadata_rows": METADATA_ROWS,
        "metadata_used": metadata_used(request.user),
        "presets": presets_for(request.user, connection),
        "words": sentences_for_browser(),
        "batch": batch,
        "sent": Sent(request.user, batch),
        "may_send": teams_to_send_for(request.user).exists(),
    }
    return render(request, "extractions/upload.html", context, status=status)


def _budget_of(form: UploadForm) -> Account | None:
    """What is left of the month's credits, where there is a cap; of several teams, that of the one that is chosen."""
    teams: Any = form.fields["team"]
    chosen = str(form["team"].value() or "")
    of = next((team for team in teams.queryset if str(team.pk) == chosen), None) or teams.queryset.first()
    return capped_account_of(of.pk) if of else None


def _news(request: AuthenticatedRequest, sent: Sent) -> HttpResponse:
    """The list of documents just sent, for a page that asks again and again."""
    facts = sent.fingerprint()
    person, batch = myself(request), sent.batch
    watch = Watch(lambda: Sent(person, batch).fingerprint(), facts)
    if answer := unchanged(request, facts, watch=watch):
        return answer
    context = {"sent": sent, "may_send": teams_to_send_for(request.user).exists()}
    return part(request, "extractions/_upload_sent.html", context, facts=facts, over=not sent.running, watch=watch)


def kept_rows(request: AuthenticatedRequest, batch: uuid.UUID | None) -> Sequence[Row]:
    """Files that were dropped before the page was loaded again."""
    kept = list(Draft.objects.of_page(request.user, batch)) if batch else []
    return [Row(draft.name, draft.size, draft=draft) for draft in kept]


def initial_options(request: AuthenticatedRequest, connection: Connection) -> dict[str, Any]:
    """Those of the preset that the address names; else the last ones, of this browser or of the last document."""
    remembered = request.session.get(REMEMBERED) or last_options(request.user)
    asked = request.GET.get("preset", "")
    offers = presets_for(request.user, connection) if asked.isdigit() else []
    for preset in (offer.preset for offer in offers if str(offer.preset.pk) == asked):
        names = ("schema", "classifier", "server", "pdf_page_start", "pdf_page_end", "metadata")
        return remembered | {name: getattr(preset, name) for name in names} | {"preset": preset.pk}
    return dict(remembered)


def connection_of(request: AuthenticatedRequest) -> Connection:
    """By which the documents of this page will go: that of the team which is posted, or named by the address.

    A page that names none is for the last team; see `initial_options`, which then chooses it.
    """
    asked = request.POST.get("team", "") if request.method == "POST" else request.GET.get("team", "")
    remembered = request.session.get(REMEMBERED) or last_options(request.user)
    teams = list(teams_to_send_for(request.user).values_list("pk", flat=True))
    wanted = [number for number in teams if str(number) == asked] or [
        number for number in teams if number == remembered.get("team")
    ]
    chosen = next(iter(wanted or teams), None)
    return Connection.of_team(chosen) if chosen else Connection.current()


def _choose_team(request: AuthenticatedRequest, connection: Connection) -> None:
    """What the address says is as good as what was sent the last time: panels of single files ask for it, too."""
    asked = request.GET.get("team", "")
    chosen = teams_to_send_for(request.user).filter(pk=asked).first() if asked.isdecimal() else None
    if chosen is not None:
        remembered = request.session.get(REMEMBERED) or last_options(request.user)
        server = {"server": connection.default_server} if connection.default_server else {}
        request.session[REMEMBERED] = {**remembered, **server, "team": chosen.pk}


def remember(request: AuthenticatedRequest, cleaned: dict[str, Any]) -> None:
    chosen = {
        "team": cleaned["team"].pk,
        "schema": cleaned["schema"].pk if cleaned["schema"] else None,
        "classifier": cleaned["classifier"].pk if cleaned["classifier"] else None,
        "server": cleaned["server"],
        "metadata": cleaned["metadata"],
    }
    if request.session.get(REMEMBERED) != chosen:
        request.session[REMEMBERED] = chosen


def batch_of(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
