"""The worker dashboard for staff, and its actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from extractions import wakeup
from extractions.forwarding.steps import connection_state
from extractions.models import Connection, Extraction
from extractions.presentation.operations.worker_dashboard import WorkerDashboard
from extractions.services import recovery
from extractions.views.live import AuthenticatedRequest, live, refreshed
from portal.audit.recording import Action, record
from portal.redirects import redirect_within

P = ParamSpec("P")
StaffView = Callable[Concatenate[AuthenticatedRequest, P], HttpResponse]


def for_staff(view: StaffView[P]) -> StaffView[P]:
    @wraps(view)
    def wrapper(request: AuthenticatedRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied(_("This page is for staff."))
        return view(request, *args, **kwargs)

    return wrapper


@live
@login_required
@for_staff
@require_safe
def worker(request: AuthenticatedRequest) -> HttpResponse:
    dashboard = WorkerDashboard(request.user, request.GET.get("outcome", ""))
    # Durations change with time alone, so every poll renders; polls are rare enough.
    return refreshed(
        request, "extractions/worker.html", "extractions/_worker.html", {"room": dashboard}, facts=dashboard.now
    )


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def pause_sending(request: AuthenticatedRequest) -> HttpResponse:
    connection = _chosen(request)
    if connection.pause_for(Connection.Pause.BY_HAND, until=None):
        record(Action.PAUSED, connection)
        messages.success(request, _("Sending is paused. What is under way is finished; nothing new is sent."))
    else:
        messages.info(request, _("Sending was paused already."))
    return _back(request)


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def resume_sending(request: AuthenticatedRequest) -> HttpResponse:
    connection = _chosen(request)
    if connection.pause == Connection.Pause.COPIED:
        messages.warning(request, _("First say in the banner above that this is the only copy."))
    elif connection.pause == Connection.Pause.STORE_AWAY:
        messages.warning(request, _("Sending goes on by itself as soon as the folder of files can be reached."))
    elif connection.paused:
        connection_state.resume(connection)
        record(Action.RESUMED, connection)
        wakeup.notify_workers()
        messages.success(request, _("Documents are sent again."))
    else:
        messages.info(request, _("Sending was not paused."))
    return _back(request)


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def try_everything(request: AuthenticatedRequest) -> HttpResponse:
    count = sum(recovery.retry_all(connection) for connection in connection_state.active_connections())
    sentence = ngettext("%(count)s document is tried now.", "%(count)s documents are tried now.", count)
    messages.success(request, sentence % {"count": count})
    return _back(request)


@login_required
@permission_required("extractions.change_extraction", raise_exception=True)
@require_POST
def look_again(request: AuthenticatedRequest) -> HttpResponse:
    count = recovery.search_again(request.user)
    sentence = ngettext("We look for %(count)s document again.", "We look for %(count)s documents again.", count)
    messages.success(request, sentence % {"count": count})
    return _back(request)


@login_required
@permission_required("extractions.change_extraction", raise_exception=True)
@require_POST
def release(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Release a document from a dead worker. Any team's, as in the admin; nothing of the document is shown."""
    if recovery.release(get_object_or_404(Extraction.objects.only("pk", "lease"), key=key)):
        messages.success(request, _("The document is free; a running worker takes it over."))
    else:
        messages.warning(request, _("Nothing was changed: its worker is alive, or has released it."))
    return _back(request)


def _chosen(request: AuthenticatedRequest) -> Connection:
    """The connection that the button belongs to; by default that of the settings."""
    choice = request.POST.get("choice", "")
    if not choice:
        return Connection.current()
    found = next((item for item in connection_state.active_connections() if str(item.pk) == choice), None)
    if found is None:
        raise Http404
    return found


def _back(request: AuthenticatedRequest) -> HttpResponse:
    """Redirect to the page that the form names, if it is local; else to the dashboard."""
    there = redirect_within(request, request.POST.get("next", ""))
    return there or redirect("extractions:worker" if request.user.is_staff else "extractions:dashboard")
