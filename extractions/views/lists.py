"""The list of documents, completions for its search box, and saved views."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from extractions.context import navigation_of
from extractions.models import SavedView
from extractions.presentation.lists.change_fingerprint import change_fingerprint
from extractions.presentation.lists.examples import placeholder
from extractions.presentation.lists.filters import column_choices, fields_shown, filters_of, suggestions
from extractions.presentation.lists.listing import COUNTED, TABS, Listing, sort_word
from extractions.search.query import SearchQuery
from extractions.views.live import AuthenticatedRequest, Watch, detached_user, live, refreshed
from portal.parameters import row_id
from portal.people.models import Membership

MAX_VIEWS = 60


@live
@login_required
@require_safe
def list_(request: AuthenticatedRequest) -> HttpResponse:
    if (tidy := _tidy(request.GET)) is not None:
        return redirect(f"{reverse('extractions:list')}?{tidy}" if tidy else reverse("extractions:list"))
    ask = partial(change_fingerprint, detached_user(request), wide=True)
    watch = Watch(ask, ask()) if request.htmx else None
    navigation = navigation_of(request)
    listing = Listing(request.user, request.GET, navigation.counts)
    context = {
        "listing": listing,
        "tabs": TABS,
        "counted": COUNTED,
        "navigation": navigation,
        "sort": sort_word(listing.sort),
        "may_change": navigation.may_send,
    }
    if not request.htmx:
        context |= {
            "placeholder": placeholder(listing),
            "filters": filters_of(listing.search_query),
            "column_choices": column_choices(listing),
            "fields_shown": fields_shown(listing),
            "kept": [(name, value) for name, value in request.GET.lists() if name in ("show", "sort", "cols")],
        }
    facts = (listing.fingerprint(), navigation.fingerprint())
    return refreshed(request, "extractions/list.html", "extractions/_rows.html", context, facts=facts, watch=watch)


def _tidy(parameters: QueryDict) -> str | None:
    """The canonical query string: no empty parameters, columns joined into one; None if it is canonical already."""
    empty = any(value == "" for _name, values in parameters.lists() for value in values)
    changed = "col" in parameters or "fields" in parameters or empty
    if not changed:
        return None
    tidy = parameters.copy()
    if "col" in parameters or "fields" in parameters:
        fields = [f"value.{part.strip()}" for part in parameters.get("fields", "").split(",") if part.strip()]
        tidy["cols"] = ",".join([*parameters.getlist("col"), *fields])
        tidy.pop("col", None)
        tidy.pop("fields", None)
    for name, values in list(tidy.lists()):
        tidy.setlist(name, [value for value in values if value])
        if not tidy.getlist(name):
            del tidy[name]
    return tidy.urlencode(safe=",:")


@live
@login_required
@require_safe
def suggest(request: AuthenticatedRequest) -> HttpResponse:
    """Completions for the search box."""
    typed = request.GET.get("q", "")[:200]
    found = suggestions(SearchQuery(request.user, QueryDict()), typed)
    return render(request, "extractions/_suggestions.html", {"suggestions": found})


@live
@login_required
@require_POST
def save_view(request: AuthenticatedRequest) -> HttpResponse:
    """Save the current search under a name, for oneself or for a team."""
    name = " ".join(request.POST.get("name", "").split())[:60]
    query = request.POST.get("query", "")[:2000]
    if not name:
        messages.warning(request, _("The view was not saved: give it a name."))
        return redirect(_list_at(query))
    if SavedView.objects.filter(owner=request.user).count() >= MAX_VIEWS:
        messages.warning(request, _("The view was not saved: you have many already. Remove some first."))
        return redirect(_list_at(query))
    team = None
    if number := request.POST.get("team", ""):
        roles = Membership.objects.filter(person=request.user).exclude(role=Membership.Role.VIEWER)
        team = get_object_or_404(roles.select_related("team"), team__pk=row_id(number) or 0).team
    SavedView.objects.create(owner=request.user, team=team, name=name, query=query)
    messages.success(request, _("“%(name)s” is saved.") % {"name": name})
    return redirect(_list_at(query))


@live
@login_required
@require_POST
def remove_view(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Only its owner, and for team views the team's administrators, may remove a view."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    own = view.owner_id == request.user.pk
    administers = Membership.objects.filter(
        person=request.user, team=view.team_id, role=Membership.Role.ADMINISTRATOR
    ).exists()
    if not own and not administers:
        raise PermissionDenied(
            _("Only the person who made a view of the team, or an administrator of the team, can remove it.")
        )
    view.delete()
    messages.success(request, _("The view “%(name)s” is removed.") % {"name": view.name})
    return redirect(_list_at(view.query))


def _list_at(query: str) -> str:
    address = reverse("extractions:list")
    return f"{address}?{query}" if query else address
