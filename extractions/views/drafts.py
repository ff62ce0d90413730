"""Drafts: files uploaded by the upload page's script but not submitted yet."""

from __future__ import annotations

import base64
import uuid
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.forms.upload import DraftForm, OptionsForm, teams_to_send_for
from extractions.intake import drafts as service
from extractions.intake.file_names import clean_folder
from extractions.intake.inspection_slots import Busy, inspection_slot
from extractions.intake.receiving import Refused
from extractions.intake.single_upload import AlreadySubmitted, Sender
from extractions.models import Draft
from extractions.presentation.upload.refusals import Refusal, refusal
from extractions.presentation.upload.upload_preview import Row, UploadPreview, upload_preview
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.uploads import answer_row, busy_answer, connection_of, may_send, options_from, remember
from portal.admission import FORM_BYTES, receives
from portal.parameters import row_key
from reading.errors import CannotRead

SHOWN_FOR = 3600  # seconds for which browsers may cache thumbnails
PHOTOS_AT_MOST = 100


def most_of_a_file() -> int:
    """Bytes of the largest request: a file, and the other parts of the multipart form."""
    return int(settings.UPLOAD_MAX_BYTES) + FORM_BYTES


@receives(most_of_a_file, may=may_send)
@live
@login_required
@require_POST
def keep(request: AuthenticatedRequest) -> HttpResponse:
    """Receive one file, or several pictures that form one document.

    Idempotent by the key that the page generates: a retry after a lost response finds the draft.
    """
    batch, files = row_key(request.POST.get("batch", "")), request.FILES.getlist("document")
    if not teams_to_send_for(request.user).exists():
        raise PermissionDenied
    if batch is None or not files or len(files) > PHOTOS_AT_MOST:
        raise BadRequest("document")
    key = row_key(request.POST.get("key", "")) or uuid.uuid4()
    if there := Draft.objects.of(request.user).filter(key=key).first():
        return answer_row(request, Row(there.name, there.size, draft=there))
    place = service.Place(request.user, batch, key, clean_folder(request.POST.get("folder", "")))
    name, size = request.POST.get("name") or files[0].name or _("unnamed"), sum(file.size or 0 for file in files)
    try:
        with inspection_slot(request.user.pk):
            draft = _keep(request, files, name, place)
    except Busy as busy:
        return busy_answer(busy)
    except Refused as refused:
        return answer_row(request, Row(name, size, refusal=refusal(name, refused.reason, refused.facts)))
    return answer_row(request, Row(draft.name, draft.size, draft=draft))


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The options of a single file."""
    row = own_draft(request, key)
    connection = connection_of(request)
    if request.method != "POST":
        initial = {"schema": "page", "classifier": "page", "server": "page"} | row.chosen
        form = DraftForm(initial=initial, connection=connection, auto_id=f"id_{key}_%s")
        return render(request, "extractions/_upload_panel.html", {"draft": row, "form": form, "connection": connection})
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
    """Thumbnails of some pages of a PDF, with a link to the next ones."""
    row = own_draft(request, key)
    try:
        with inspection_slot(request.user.pk):
            found = service.thumbnails(row, first) if row.is_pdf and 1 <= first <= row.page_count else []
    except (CannotRead, Busy):
        found = []  # pages can be chosen by number without thumbnails
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
    """Idempotent."""
    for row in Draft.objects.of(request.user).filter(key=key):
        service.remove(row)
    return HttpResponse(status=204)


@live
@login_required
@require_POST
def send(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Submit the draft as a document, with the page's options and its own."""
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
    except AlreadySubmitted as before:
        return answer_row(request, Row(name, size, earlier=before.earlier, draft=kept))
    except Refused as refused:
        return answer_row(request, Row(name, size, draft=kept, refusal=refusal(name, refused.reason, refused.facts)))
    return answer_row(request, Row(sent.name, sent.size, extraction=sent))


@live
@login_required
@require_POST
def preview(request: AuthenticatedRequest) -> HttpResponse:
    """Preview of submitting the page: files that need an answer, estimated credits and time."""
    connection = connection_of(request)
    form = OptionsForm(request.POST, person=request.user, connection=connection)
    batch = row_key(request.POST.get("batch", ""))
    kept = list(Draft.objects.in_batch(request.user, batch)) if batch else []
    if form.is_valid():
        cleaned = form.cleaned_data
        sender = Sender(request.user, cleaned["team"], cleaned["batch"])
        seen = upload_preview(kept, options_from(cleaned), sender, connection.pk)
    else:
        seen = UploadPreview([Row(item.name, item.size, draft=item) for item in kept], sentences=form.sentences())
    expanded = set(request.POST.getlist("asking"))
    changed_rows = [row for row in seen.rows if row.state != "ready" or (row.draft and str(row.draft.key) in expanded)]
    context = {"outlook": seen, "changed_rows": changed_rows, "connection": connection}
    return render(request, "extractions/_upload_outlook.html", context)


def own_draft(request: AuthenticatedRequest, key: UUID) -> Draft:
    return get_object_or_404(Draft.objects.of(request.user), key=key)


def _keep(request: AuthenticatedRequest, files: list[UploadedFile[bytes]], name: str, place: service.Place) -> Draft:
    if len(files) > 1:
        return service.keep_photos(files, name, place)
    return service.keep(files[0], place, password=request.POST.get("password", ""))


def _wrong(name: str, sentences: list[str]) -> Refusal:
    return Refusal(name, " ".join(sentences), "", "options")
