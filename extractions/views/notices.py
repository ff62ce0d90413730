"""The page of a person's notices, and what they want to be told."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.forms.notices import NoticeForm
from extractions.models import Extraction, Notice, NoticeSettings
from extractions.notices import lines_for
from extractions.views.live import AuthenticatedRequest, live
from portal.parameters import row_id


@live
@login_required
@require_safe
def notices(request: AuthenticatedRequest) -> HttpResponse:
    lines = lines_for(request.user)
    unread = any(line.notice.read_at is None for line in lines)
    return render(request, "extractions/notices.html", {"lines": lines, "unread": unread})


@live
@login_required
@require_POST
def read(request: AuthenticatedRequest) -> HttpResponse:
    """Mark one notice, or all, as read. The script of the page sends the one whose link was followed."""
    rows = Notice.objects.of(request.user, Extraction.objects.visible_to(request.user))
    if "notice" in request.POST:
        rows = rows.filter(pk=row_id(request.POST["notice"]) or 0)
    rows.mark_read()
    return HttpResponse(status=204) if "X-Part" in request.headers else redirect("extractions:notices")


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice_settings(request: AuthenticatedRequest) -> HttpResponse:
    stored = NoticeSettings.objects.filter(person=request.user).first() or NoticeSettings(person=request.user)
    form = NoticeForm(request.POST or None, settings=stored)
    if request.method == "POST" and form.is_valid():
        stored.hidden, stored.mails = form.hidden, form.mails
        stored.language = get_language() or ""
        stored.time_zone = timezone.get_current_timezone_name()
        stored.portal_url = request.build_absolute_uri("/")
        stored.save()
        messages.success(request, _("Saved. It applies to whatever happens from now on."))
        return redirect("extractions:notice_settings")
    context = {"form": form, "mail_works": settings.MAIL_WORKS}
    return render(request, "extractions/notice_settings.html", context, status=422 if form.errors else 200)
