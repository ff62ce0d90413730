"""The page on which staff see the worker, and the few buttons that help it."""

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
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from extractions import bell
from extractions.forwarding import connections
from extractions.models import Connection, Extraction
from extractions.presentation.worker_room import WorkerRoom
from extractions.services import unsticking
from extractions.views.live import AuthenticatedRequest, live, refreshed
from portal.audit.recording import Action, record

P = ParamSpec("P")
StaffView = Callable[Concatenate[AuthenticatedRequest, P], HttpResponse]


def for_staff(view: StaffView[P]) -> StaffView[P]:
    @wraps(view)
    def answer(request: AuthenticatedRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied(_("This page is for staff."))
        return view(request, *args, **kwargs)

    return answer


@live
@login_required
@for_staff
@require_safe
def worker(request: AuthenticatedRequest) -> HttpResponse:
    room = WorkerRoom(request.user, request.GET.get("outcome", ""))
    # What is told changes with the clock alone; the poll is rare enough.
    return refreshed(request, "extractions/worker.html", "extractions/_worker.html", {"room": room}, facts=room.now)


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
    elif connection.paused:
        connections.resume(connection)
        record(Action.RESUMED, connection)
        bell.ring()
        messages.success(request, _("Documents are sent again."))
    else:
        messages.info(request, _("Sending was not paused."))
    return _back(request)


@login_required
@permission_required("extractions.change_connection", raise_exception=True)
@require_POST
def try_everything(request: AuthenticatedRequest) -> HttpResponse:
    count = sum(unsticking.try_everything(connection) for connection in connections.at_work())
    told = ngettext("%(count)s document is tried now.", "%(count)s documents are tried now.", count)
    messages.success(request, told % {"count": count})
    return _back(request)


@login_required
@permission_required("extractions.change_extraction", raise_exception=True)
@require_POST
def look_again(request: AuthenticatedRequest) -> HttpResponse:
    count = unsticking.look_again(request.user)
    told = ngettext("We look for %(count)s document again.", "We look for %(count)s documents again.", count)
    messages.success(request, told % {"count": count})
    return _back(request)


@login_required
@permission_required("extractions.change_extraction", raise_exception=True)
@require_POST
def release(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Staff act on any team's document here, as in the administration; nothing of it is shown."""
    if unsticking.release(get_object_or_404(Extraction.objects.only("pk", "lease"), key=key)):
        messages.success(request, _("The document is free; a living worker takes it over."))
    else:
        messages.warning(request, _("Nothing was changed: its worker lives, or has let go of it."))
    return _back(request)


def _chosen(request: AuthenticatedRequest) -> Connection:
    """The connection beside which the button stands; without a choice, that of the settings."""
    choice = request.POST.get("choice", "")
    if not choice:
        return Connection.current()
    found = next((one for one in connections.at_work() if str(one.pk) == choice), None)
    if found is None:
        raise Http404
    return found


def _back(request: AuthenticatedRequest) -> HttpResponse:
    """To the page that the button stood on, if it named one of ours; else to the worker's."""
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect("extractions:worker" if request.user.is_staff else "extractions:dashboard")
