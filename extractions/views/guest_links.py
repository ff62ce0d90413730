"""Guest links, as the team sees them: making, listing and revoking them. What guests see is in guests.py."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.forms.guest_link import GuestLinkForm, GuestLinkPolicyForm
from extractions.models import Extraction, GuestLink, GuestLinkPolicy
from extractions.presentation.guest.documents import field_choices
from extractions.presentation.guest.link_lines import LinkLine, lines_of, openings_of
from extractions.services import guest_links as service
from extractions.views.access import administered_team
from extractions.views.live import AuthenticatedRequest, live
from portal.parameters import row_id
from portal.people.membership import administers
from portal.people.models import Membership, Team, User

ROWS = 50


@live
@login_required
@require_safe
def guest_links(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = _managed_team(request.user, pk)
    page = Paginator(service.links_of(team), ROWS).get_page(request.GET.get("page"))
    policy = service.own_policy(team.pk)
    context = {
        "team": team,
        "page": page,
        "lines": lines_of(page.object_list),
        "switched_off": not settings.GUEST_LINK_MAX_DAYS,
        "may_administer": administers(request.user, team),
        "form": GuestLinkPolicyForm(initial={"role": GuestLinkPolicy.USUAL if policy is None else policy}),
    }
    return render(request, "extractions/guest_links.html", context)


@login_required
@require_POST
def guest_link_policy(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = administered_team(request.user, pk)
    form = GuestLinkPolicyForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Nothing was saved: choose one of the lines."))
    elif service.set_policy(team, form.cleaned_data["role"]):
        messages.success(request, _("Saved. Links of people who may not make any show nothing from now on."))
    return redirect("extractions:guest_links", team.pk)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_guest_link(request: AuthenticatedRequest) -> HttpResponse:
    """For the documents that `numbers` names. The link is shown in the response to its form only, since only a hash of
    its token is stored."""
    numbers = [number for text in request.GET.get("numbers", "").split(".") if (number := row_id(text)) is not None]
    documents = service.shareable(request.user, numbers[: 2 * GuestLink.MOST_DOCUMENTS])
    if problem := _problem(request.user, documents):
        messages.warning(request, problem)
        return redirect("extractions:list")
    form = GuestLinkForm(request.POST or None, fields=field_choices(documents))
    if request.method == "POST" and form.is_valid():
        try:
            link, token = service.create(documents[0].team, documents, form.options(), by=request.user)
        except service.MayNotShare as error:
            raise PermissionDenied(_("You may not make guest links in this team.")) from error
        address = request.build_absolute_uri(f"{reverse('extractions:guest_door')}#{token}")
        return _page(request, _line(link.key), address=address)
    left = len(set(numbers)) - len(documents)
    context = {"form": form, "documents": documents, "team": documents[0].team, "left": left}
    return render(request, "extractions/new_guest_link.html", context, status=422 if form.errors else 200)


def _problem(person: User, documents: list[Extraction]) -> str:
    """Why no link can be made for these documents."""
    if not documents:
        return _(
            "No guest link can be made: choose documents that have been read, and that are not under a legal hold."
        )
    if len({row.team_id for row in documents}) > 1:
        return _("A guest link is for documents of one team. Choose documents of one team only.")
    most = GuestLink.MOST_DOCUMENTS
    if len(documents) > most:
        return ngettext(
            "A guest link shows at most %(count)d document.", "A guest link shows at most %(count)d documents.", most
        ) % {"count": most}
    return "" if service.may_make(person, documents[0].team_id) else _("You may not make guest links in this team.")


@live
@login_required
@require_safe
def guest_link(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    line = _line(key)
    _managed_team(request.user, line.link.team_id)
    return _page(request, line)


@login_required
@require_POST
def revoke_guest_link(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    link = get_object_or_404(GuestLink.objects.select_related("team"), key=key)
    team = _managed_team(request.user, link.team_id)
    if service.revoke(link, request.user):
        messages.success(request, _("The link for “%(name)s” shows nothing any more.") % {"name": link.name})
    return redirect("extractions:guest_links", team.pk)


def _page(request: AuthenticatedRequest, line: LinkLine, *, address: str = "") -> HttpResponse:
    context = {
        "line": line,
        "link": line.link,
        "team": line.link.team,
        "documents": line.link.documents.select_related("extraction").order_by("number"),
        "shown": set(line.link.documents.shown().values_list("pk", flat=True)),
        "openings": openings_of(line.link),
        "address": address,
    }
    return render(request, "extractions/guest_link.html", context)


def _line(key: UUID) -> LinkLine:
    link = service.of_key(key)
    if link is None:
        raise Http404
    (line,) = lines_of(
        service.links_of(link.team).filter(pk=link.pk).select_related("team", "created_by", "revoked_by")
    )
    return line


def _managed_team(person: User, pk: int) -> Team:
    """The team if the person sees its guest links; 403 for other members, 404 for everybody else."""
    team = get_object_or_404(Team, pk=pk)
    if service.may_manage(person, team):
        return team
    if Membership.objects.filter(person=person, team=team).exists():
        raise PermissionDenied(_("Only people who may make guest links see them."))
    raise Http404
