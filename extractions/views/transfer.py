"""Transferring a person's documents to another member of the team."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from extractions.services.transferring import transfer, transferable
from extractions.views.live import AuthenticatedRequest
from portal.parameters import row_id
from portal.people.membership import administers
from portal.people.models import Membership, User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def transfer_documents(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    of = get_object_or_404(Membership.objects.select_related("person", "team"), pk=pk)
    _gate(request.user, of)
    members = User.objects.filter(memberships__team=of.team, is_active=True).exclude(pk=of.person_id).order_by("name")
    if request.method == "POST":
        to = request.POST.get("to", "")
        taker = members.filter(pk=row_id(to) or 0).first()
        if taker is None:
            messages.error(request, _("Choose somebody who is on the team."))
            return redirect("extractions:transfer", pk)
        moved = transfer(of.team, of.person, taker)
        words = ngettext(
            "%(count)d document of %(giver)s is now from %(taker)s.",
            "%(count)d documents of %(giver)s are now from %(taker)s.",
            moved,
        )
        messages.success(request, words % {"count": moved, "giver": of.person, "taker": taker})
        return redirect("team")
    context = {"membership": of, "members": members, "count": transferable(of.team, of.person)}
    return render(request, "extractions/transfer.html", context)


def _gate(person: User, of: Membership) -> None:
    if administers(person, of.team_id):
        return
    if Membership.objects.filter(person=person, team=of.team_id).exists():
        raise PermissionDenied(_("Only administrators of the team may do this."))
    raise Http404
