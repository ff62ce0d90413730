"""What a restored backup has suspended: an administrator of the portal ends some, and lets the rest work again."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from extractions.backups.suspended_access import Suspended, confirm, suspended
from extractions.services.restored_access import end
from extractions.views.live import AuthenticatedRequest

may_confirm = permission_required("extractions.change_connection", raise_exception=True)


@login_required
@may_confirm
@require_safe
def restored_access(request: AuthenticatedRequest) -> HttpResponse:
    return render(request, "extractions/restored_access.html", {"suspended": suspended()})


@login_required
@may_confirm
@require_POST
def revoke_restored(request: AuthenticatedRequest) -> HttpResponse:
    chosen = _chosen(request)
    for item in chosen:
        end(item, request.user)
    if chosen:
        words = ngettext("%(count)d is ended for good.", "%(count)d are ended for good.", len(chosen))
        messages.success(request, words % {"count": len(chosen)})
    else:
        messages.warning(request, _("Choose what to end. Nothing was changed."))
    return redirect("extractions:restored_access")


@login_required
@may_confirm
@require_POST
def confirm_restored(request: AuthenticatedRequest) -> HttpResponse:
    """What the form has listed, and nothing that was suspended since."""
    listed = _chosen(request)
    count = confirm(listed)
    words = ngettext("%(count)d works again.", "%(count)d work again.", count)
    messages.success(request, words % {"count": count})
    return redirect("extractions:restored_access")


def _chosen(request: AuthenticatedRequest) -> list[Suspended]:
    keys = set(request.POST.getlist("item"))
    return [item for item in suspended() if item.key in keys]
