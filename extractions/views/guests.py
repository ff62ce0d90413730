"""What people without an account see of documents that a link shares with them."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from extractions.models import GuestLinkDocument
from extractions.presentation.guest.documents import FORMS, GuestDocument
from extractions.presentation.guest.page_pictures import NoPicture
from extractions.services import guest_links as service
from extractions.storage.served_files import SANDBOXED, guarded, serve_file
from extractions.views.guest_access import (
    WRONG_TOKENS,
    Visit,
    begin,
    guest,
    let_in,
    may_try_token,
    note_opening,
    note_view,
    over,
    password_counters,
    refuse,
    too_many,
    visit_of,
)
from portal.rate_limits import client_of, consume, is_exhausted

LONGEST_TOKEN = 500
MIMES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


@guest
@require_http_methods(["GET", "HEAD", "POST"])
def guest_door(request: HttpRequest) -> HttpResponseBase:
    """Where every link leads to. The page posts the token behind the #; without scripts, people paste the link."""
    if request.method != "POST":
        return render(request, "guest/door.html")
    if not may_try_token(request):
        return too_many(request)
    token = request.POST.get("token", "")[:LONGEST_TOKEN].strip().rpartition("#")[2]
    link = service.find(token) if token else None
    if link is None:
        consume([WRONG_TOKENS.counter(client_of(request))])
        return render(request, "guest/door.html", {"wrong": True}, status=404)
    documents = service.documents_of(link)
    if ending := service.ending_of(link, documents):
        refuse(request, link, ending)
        return over(request, ending)
    response = redirect("extractions:guest_page", link.key)
    begin(response, request, link, unlocked=not link.password)
    if not link.password:
        note_opening(request, link)
    return response


@guest
@require_http_methods(["GET", "HEAD", "POST"])
def guest_page(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """The documents of the link; the only one at once. Before that the password, where the link has one."""
    visit = visit_of(request, key)
    if visit is None:
        return redirect("extractions:guest_door")
    documents = service.documents_of(visit.link)
    if ending := service.ending_of(visit.link, documents):
        refuse(request, visit.link, ending)
        return over(request, ending)
    if not visit.unlocked:
        return _password(request, visit)
    if len(documents) == 1:
        return redirect("extractions:guest_document", visit.link.key, documents[0].number)
    shown = [GuestDocument(shared, visit.link) for shared in documents]
    return render(request, "guest/documents.html", {"link": visit.link, "documents": shown})


def _password(request: HttpRequest, visit: Visit) -> HttpResponse:
    if request.method != "POST":
        return render(request, "guest/password.html", {"link": visit.link})
    counters = password_counters(request, visit.link)
    if is_exhausted(counters):
        refuse(request, visit.link, "tries")
        return too_many(request)
    if not visit.link.has_password(request.POST.get("password", "")):
        consume(counters)
        refuse(request, visit.link, "password")
        return render(request, "guest/password.html", {"link": visit.link, "wrong": True}, status=422)
    response = redirect("extractions:guest_page", visit.link.key)
    begin(response, request, visit.link, unlocked=True, visitor=visit.visitor)
    note_opening(request, visit.link)
    return response


@require_safe
@let_in
def guest_document(
    request: HttpRequest, visit: Visit, documents: list[GuestLinkDocument], number: int
) -> HttpResponseBase:
    document = _document(visit, documents, number)
    note_view(request, visit, document.shared)
    others = [shared.number for shared in documents]
    at = others.index(number)
    context = {
        "link": visit.link,
        "document": document,
        "outline": document.outline,
        "several": len(documents) > 1,
        "earlier": others[at - 1] if at else None,
        "later": others[at + 1] if at + 1 < len(others) else None,
        "position": at + 1,
        "count": len(documents),
    }
    return render(request, "guest/document.html", context)


@require_safe
@let_in
def guest_picture(
    request: HttpRequest, visit: Visit, documents: list[GuestLinkDocument], number: int, page: int
) -> HttpResponseBase:
    try:
        picture = _document(visit, documents, number).picture(page)
    except NoPicture as error:
        raise Http404 from error
    return guarded(HttpResponse(picture, content_type="image/jpeg"), SANDBOXED)


@require_safe
@let_in
def guest_file(
    request: HttpRequest, visit: Visit, documents: list[GuestLinkDocument], number: int, form: str
) -> HttpResponseBase:
    if form not in FORMS:
        raise BadRequest("form")
    document = _document(visit, documents, number)
    if form not in document.forms:
        raise Http404
    note_view(request, visit, document.shared, form=form)
    name = document.file_name(form)
    if form == "original":
        stored = document.extraction
        return serve_file(request, stored.document, stored.mime, name, download=True)
    response = HttpResponse(document.as_csv() if form == "csv" else document.as_json(), content_type=MIMES[form])
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return guarded(response, SANDBOXED)


def _document(visit: Visit, documents: list[GuestLinkDocument], number: int) -> GuestDocument:
    for shared in documents:
        if shared.number == number:
            return GuestDocument(shared, visit.link)
    raise Http404(_("This document is not shown any more."))
