"""The upload page: options, files, and the progress of those just sent."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
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

from extractions.forms.upload import METADATA_ROWS, UploadForm, teams_to_send_for
from extractions.intake.budget import Account, capped_account_of
from extractions.intake.inspection_slots import Busy, inspection_slot
from extractions.intake.receiving import Refused
from extractions.intake.single_upload import AlreadySubmitted, Sender, looks_like_pdf, submit_images, submit_upload
from extractions.intake.submitting import Options
from extractions.models import Connection, Draft, Extraction
from extractions.presentation.operations.servers import servers_now
from extractions.presentation.upload.refusals import Refusal, refusal, sentences_for_browser
from extractions.presentation.upload.suggestions import last_options, metadata_used, newest_version, presets_for
from extractions.presentation.upload.upload_batch import UploadBatch
from extractions.presentation.upload.upload_preview import Row
from extractions.samples import SAMPLES, sample_called
from extractions.views.live import AuthenticatedRequest, Watch, detached_user, live, part, unchanged
from portal.admission import receives
from portal.parameters import row_id, row_key
from portal.people.models import User

REMEMBERED = "upload_options"
SECONDS_PER_REQUEST = 60
"""After which no further file of a form is inspected."""
FILES_OF_A_FORM = 4
"""Without scripts a form sends all files at once: this many of the largest size."""


def may_send(person: User) -> bool:
    return bool(teams_to_send_for(person).exists())


def most_of_a_form() -> int:
    return FILES_OF_A_FORM * int(settings.UPLOAD_MAX_BYTES)


@receives(most_of_a_form, may=may_send)
@vary_on_headers("HX-Request")
@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: AuthenticatedRequest) -> HttpResponse:
    batch = row_key(request.GET.get("sent", ""))
    if request.method != "POST" and request.htmx:
        return _news(request, UploadBatch(request.user, batch))
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
    try:
        with inspection_slot(request.user.pk):
            rows = _take_all(request, form.cleaned_data)
    except Busy as busy:
        return _turned_away(request, form, connection, busy)
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
    """Send a sample document, with the matching schema, to the embedded engine; never to a paid service."""
    chosen = sample_called(slug)
    team = teams_to_send_for(request.user).first()
    connection = Connection.for_team(team) if team else Connection.current()
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
    sender = Sender(request.user, team, row_key(request.POST.get("batch", "")) or uuid.uuid4())
    with chosen.path.open("rb") as file:
        document = UploadedFile(File(file), name=chosen.file, size=chosen.path.stat().st_size)
        try:
            return redirect(submit_upload(document, options, sender))
        except AlreadySubmitted as before:
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
        folder_as_metadata=cleaned["folder_as_metadata"],
    )


def _take_all(request: AuthenticatedRequest, cleaned: dict[str, Any]) -> list[Row]:
    """Take each file on its own, except for pictures to be bound into one document."""
    options, sender = options_from(cleaned), Sender(request.user, cleaned["team"], cleaned["batch"])
    files: list[UploadedFile[bytes]] = cleaned["document"]
    pictures = [file for file in files if not looks_like_pdf(file)] if cleaned["bind"] else []
    rows: list[Row] = []
    end = time.monotonic() + SECONDS_PER_REQUEST
    if len(pictures) > 1:
        files = [file for file in files if file not in pictures]
        name = _("Photos") + f" {timezone.localtime():%Y-%m-%d %H.%M}.pdf"
        size = sum(file.size or 0 for file in pictures)
        rows.append(_row(name, size, partial(submit_images, pictures, name, options, sender)))
    for file in files:
        name, size = file.name or _("unnamed"), file.size or 0
        if time.monotonic() > end:
            rows.append(Row(name, size, refusal=refusal(name, "later")))
        else:
            rows.append(_row(name, size, partial(submit_upload, file, options, sender, password=cleaned["password"])))
    return rows


def _row(name: str, size: int, taking: Callable[[], Extraction]) -> Row:
    try:
        return Row(name, size, extraction=taking())
    except Refused as refused:
        return Row(name, size, refusal=refusal(name, refused.reason, refused.facts))
    except AlreadySubmitted as before:
        return Row(name, size, earlier=before.earlier)


def _refused_form(form: UploadForm) -> Row:
    """The row of a file whose options were invalid, with their errors."""
    names = [file.name for file in form.files.getlist("document")] or [""]
    return Row(names[0] or "", 0, refusal=Refusal(names[0] or "", " ".join(form.sentences()), "", "options"))


def _turned_away(request: AuthenticatedRequest, form: UploadForm, connection: Connection, busy: Busy) -> HttpResponse:
    files: list[UploadedFile[bytes]] = form.cleaned_data["document"]
    names = [(file.name or _("unnamed"), file.size or 0) for file in files]
    rows = [Row(name, size, refusal=refusal(name, "later")) for name, size in names]
    if request.htmx:
        return busy_answer(busy)
    response = _page(request, form, connection, rows=rows, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = busy.retry_after
    return response


def busy_answer(busy: Busy) -> HttpResponse:
    """503 with a plain-text sentence; the page's script retries."""
    sentence = _("The portal is busy looking into other files. We try again automatically.")
    response = HttpResponse(sentence, "text/plain; charset=utf-8", status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = busy.retry_after
    return response


def answer_row(request: AuthenticatedRequest, row: Row) -> HttpResponse:
    """The response to the page's script, which sends one file at a time."""
    return render(request, "extractions/_upload_row.html", {"row": row})


def _page(
    request: AuthenticatedRequest,
    form: UploadForm,
    connection: Connection,
    *,
    rows: list[Row] | None = None,
    status: int = 200,
) -> HttpResponse:
    batch = row_key(form["batch"].value())
    team: Any = form.fields["team"]
    several_teams = team.queryset.count() > 1
    # Teams may have their own connections with other schemas: choosing a team then reloads the page (static/upload.js).
    if several_teams and len(Connection.used_by(request.user)) > 1:
        team.widget.attrs["data-reload"] = ""
    samples = [] if settings.ANESYA_BASE_URL else [item for item in SAMPLES if item.path.exists()]
    context = {
        "form": form,
        "rows": rows or kept_rows(request, batch),
        "connection": connection,
        "samples": samples,
        "several_teams": several_teams,
        "servers": servers_now(connection) if connection.has_sites else [],
        "budget": _budget_of(form),
        "limit_bytes": settings.UPLOAD_MAX_BYTES,
        "limit_mb": settings.UPLOAD_MAX_BYTES // 2**20,
        "metadata_rows": METADATA_ROWS,
        "metadata_used": metadata_used(request.user),
        "presets": presets_for(request.user, connection),
        "words": sentences_for_browser(),
        "batch": batch,
        "sent": UploadBatch(request.user, batch),
        "may_send": teams_to_send_for(request.user).exists(),
    }
    return render(request, "extractions/upload.html", context, status=status)


def _budget_of(form: UploadForm) -> Account | None:
    """The capped budget of the chosen team, or of the first one; None without a cap."""
    teams: Any = form.fields["team"]
    chosen = str(form["team"].value() or "")
    of = next((team for team in teams.queryset if str(team.pk) == chosen), None) or teams.queryset.first()
    return capped_account_of(of.pk) if of else None


def _news(request: AuthenticatedRequest, sent: UploadBatch) -> HttpResponse:
    """The polled list of documents just sent."""
    facts = sent.fingerprint()
    person, batch = detached_user(request), sent.batch
    watch = Watch(lambda: UploadBatch(person, batch).fingerprint(), facts)
    if response := unchanged(request, facts, watch=watch):
        return response
    context = {"sent": sent, "may_send": teams_to_send_for(request.user).exists()}
    return part(request, "extractions/_upload_sent.html", context, facts=facts, over=not sent.live, watch=watch)


def kept_rows(request: AuthenticatedRequest, batch: uuid.UUID | None) -> Sequence[Row]:
    """Drafts that survive reloading the page."""
    kept = list(Draft.objects.in_batch(request.user, batch)) if batch else []
    return [Row(draft.name, draft.size, draft=draft) for draft in kept]


def initial_options(request: AuthenticatedRequest, connection: Connection) -> dict[str, object]:
    """Options of the preset named in the URL, else the last ones of this session or of the last document.

    The URL may name a schema as well.
    """
    remembered = request.session.get(REMEMBERED) or last_options(request.user)
    requested = request.GET.get("preset", "")
    offers = presets_for(request.user, connection) if requested.isdigit() else []
    for preset in (offer.preset for offer in offers if str(offer.preset.pk) == requested):
        names = ("schema", "classifier", "server", "pdf_page_start", "pdf_page_end", "metadata")
        return remembered | {name: getattr(preset, name) for name in names} | {"preset": preset.pk}
    wanted = row_id(request.GET.get("schema", "")) or remembered.get("schema")
    return remembered | {"schema": newest_version(wanted)}


def connection_of(request: AuthenticatedRequest) -> Connection:
    """The connection for the page's documents: that of the team in the form or in the URL.

    Without one, that of the last team; see `initial_options`, which preselects it.
    """
    requested = request.POST.get("team", "") if request.method == "POST" else request.GET.get("team", "")
    remembered = request.session.get(REMEMBERED) or last_options(request.user)
    teams = list(teams_to_send_for(request.user).values_list("pk", flat=True))
    wanted = [number for number in teams if str(number) == requested] or [
        number for number in teams if number == remembered.get("team")
    ]
    chosen = next(iter(wanted or teams), None)
    return Connection.for_team(chosen) if chosen else Connection.current()


def _choose_team(request: AuthenticatedRequest, connection: Connection) -> None:
    """Remember the team named in the URL as if it had been used last: panels of single files rely on it."""
    requested = request.GET.get("team", "")
    chosen = teams_to_send_for(request.user).filter(pk=row_id(requested) or 0).first()
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
        "folder_as_metadata": cleaned["folder_as_metadata"],
    }
    if request.session.get(REMEMBERED) != chosen:
        request.session[REMEMBERED] = chosen
