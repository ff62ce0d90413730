"""Files on the upload page that are not sent yet: for its script, which sends each file by itself as it is dropped."""

from __future__ import annotations

import base64
import uuid
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.forms import DraftForm, OptionsForm, teams_to_send_for
from extractions.models import Draft
from extractions.presentation.outlook import Outlook, Row, outlook
from extractions.presentation.refusals import Refusal, refusal
from extractions.services import drafts as service
from extractions.services.intake import AskedBefore, Sender
from extractions.services.receiving import Refused
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.uploads import answer_row, batch_of, connection_of, options_from, remember
from reading.errors import CannotRead

SHOWN_FOR = 3600  # seconds that a browser may keep the small pictures of pages
PHOTOS_AT_MOST = 100


@live
@login_required
@require_POST
def keep(request: AuthenticatedRequest) -> HttpResponse:
    """Receive one file, or several pictures that are one document, and tell what it is.

    The page gives each a key, by which a second try after a lost answer finds the first one.
    """
    batch, files = batch_of(request.POST.get("batch", "")), request.FILES.getlist("document")
    if not teams_to_send_for(request.user).exists():
        raise PermissionDenied
    if batch is None or not files or len(files) > PHOTOS_AT_MOST:
        raise BadRequest("document")
    key = batch_of(request.POST.get("key", "")) or uuid.uuid4()
    if there := Draft.objects.of(request.user).filter(key=key).first():
        return answer_row(request, Row(there.name, there.size, draft=there))
    name, size = request.POST.get("name") or files[0].name or _("unnamed"), sum(file.size or 0 for file in files)
    try:
        draft = _keep(request, files, name, service.Place(request.user, batch, key))
    except Refused as refused:
        return answer_row(request, Row(name, size, refusal=refusal(name, refused.reason, refused.facts)))
    return answer_row(request, Row(draft.name, draft.size, draft=draft))


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The options that one file has of its own."""
    row = _mine(request, key)
    connection = connection_of(request)
    if request.method != "POST":
        initial = {"schema": "page", "classifier": "page", "server": "page"} | row.chosen
        form = DraftForm(initial=initial, connection=connection, auto_id=f"id_{key}_%s")
        return render(request, "extractions/_upload_panel.html", {"draft": row, "form": form})
    form = DraftForm(request.POST, connection=connection)
    if not form.is_valid():
        return answer_row(request, Row(row.name, row.size, draft=row, refusal=_wrong(row.name, form.sentences())))
    try:
        service.change(row, form.chosen())
    except Refused as refused:
        again = refusal(row.name, refused.reason, refused.facts)
        return answer_row(request, Row(row.name, row.size, draft=row, refusal=again))
    return answer_row(request, Row(row.name, row.size, draft=row))


@live
@login_required
@require_safe
def pages(request: AuthenticatedRequest, key: UUID, first: int) -> HttpResponse:
    """Some pages of a document as small pictures, and where the next ones are."""
    row = _mine(request, key)
    try:
        found = service.strip_of(row, first) if row.is_pdf and 1 <= first <= row.page_count else []
    except CannotRead:
        found = []  # numbers do without pictures
    pictures = [(number, base64.b64encode(picture).decode()) for number, picture in found]
    after = first + len(found)
    context = {"draft": row, "pictures": pictures, "after": after if found and after <= row.page_count else None}
    response = render(request, "extractions/_upload_strip.html", context)
    patch_cache_control(response, private=True, max_age=SHOWN_FOR if found else 0)
    return response


@live
@login_required
@require_POST
def remove(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Removing what is already gone is no mistake."""
    for row in Draft.objects.of(request.user).filter(key=key):
        service.remove(row)
    return HttpResponse(status=204)


@live
@login_required
@require_POST
def send(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Make it a document, with the options of the page and its own."""
    form = OptionsForm(request.POST, person=request.user, connection=connection_of(request))
    kept = Draft.objects.of(request.user).filter(key=key).first()
    name, size = (kept.name, kept.size) if kept else ("", 0)
    if not form.is_valid():
        return answer_row(request, Row(name, size, draft=kept, refusal=_wrong(name, form.sentences())))
    cleaned = form.cleaned_data
    remember(request, cleaned)
    sender = Sender(request.user, cleaned["team"], cleaned["batch"])
    try:
        sent = service.send(key, options_from(cleaned), sender, again="again" in request.POST)
    except AskedBefore as before:
        return answer_row(request, Row(name, size, earlier=before.earlier, draft=kept))
    except Refused as refused:
        return answer_row(request, Row(name, size, draft=kept, refusal=refusal(name, refused.reason, refused.facts)))
    return answer_row(request, Row(sent.name, sent.size, extraction=sent))


@live
@login_required
@require_POST
def look_ahead(request: AuthenticatedRequest) -> HttpResponse:
    """What will happen with all files of the page as it stands: which need an answer, credits, time."""
    connection = connection_of(request)
    form = OptionsForm(request.POST, person=request.user, connection=connection)
    batch = batch_of(request.POST.get("batch", ""))
    kept = list(Draft.objects.of_page(request.user, batch)) if batch else []
    if form.is_valid():
        cleaned = form.cleaned_data
        sender = Sender(request.user, cleaned["team"], cleaned["batch"])
        seen = outlook(kept, options_from(cleaned), sender, connection.pk)
    else:
        seen = Outlook([Row(one.name, one.size, draft=one) for one in kept], sentences=form.sentences())
    asked = set(request.POST.getlist("asking"))
    told = [row for row in seen.rows if row.state != "ready" or (row.draft and str(row.draft.key) in asked)]
    context = {"outlook": seen, "told": told, "connection": connection}
    return render(request, "extractions/_upload_outlook.html", context)


def _mine(request: AuthenticatedRequest, key: UUID) -> Draft:
    return get_object_or_404(Draft.objects.of(request.user), key=key)


def _keep(request: AuthenticatedRequest, files: list[UploadedFile[bytes]], name: str, place: service.Place) -> Draft:
    if len(files) > 1:
        return service.keep_photos(files, name, place)
    return service.keep(files[0], place, password=request.POST.get("password", ""))


def _wrong(name: str, sentences: list[str]) -> Refusal:
    return Refusal(name, " ".join(sentences), "", "options")
