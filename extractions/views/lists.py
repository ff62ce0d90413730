"""All documents of one's teams, newest first, live while something runs; what is typed into the box; saved views."""

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

from extractions.context import Navigation
from extractions.models import SavedView
from extractions.presentation.filters import column_choices, fields_shown, filters_of, suggestions
from extractions.presentation.listing import COUNTED, TABS, Listing, sort_word
from extractions.presentation.pulse import pulse
from extractions.search.asked import Asked
from extractions.views.live import AuthenticatedRequest, Watch, live, myself, refreshed
from portal.people.models import Membership

MOST_VIEWS = 60


@live
@login_required
@require_safe
def list_(request: AuthenticatedRequest) -> HttpResponse:
    if (tidy := _tidy(request.GET)) is not None:
        return redirect(f"{reverse('extractions:list')}?{tidy}" if tidy else reverse("extractions:list"))
    ask = partial(pulse, myself(request), wide=True)
    watch = Watch(ask, ask()) if request.htmx else None
    listing = Listing(request.user, request.GET)
    navigation = Navigation(request.user)
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
            "filters": filters_of(listing.asked),
            "column_choices": column_choices(listing),
            "fields_shown": fields_shown(listing),
            "kept": [(name, value) for name, value in request.GET.lists() if name in ("show", "sort", "cols")],
        }
    facts = (listing.fingerprint(), navigation.fingerprint())
    return refreshed(request, "extractions/list.html", "extractions/_rows.html", context, facts=facts, watch=watch)


def _tidy(asked: QueryDict) -> str | None:
    """The address without the empty answers of a form, and with the chosen columns in one word; None if it is so."""
    empty = any(value == "" for _name, values in asked.lists() for value in values)
    changed = "col" in asked or "fields" in asked or empty
    if not changed:
        return None
    tidy = asked.copy()
    if "col" in asked or "fields" in asked:
        fields = [f"value.{one.strip()}" for one in asked.get("fields", "").split(",") if one.strip()]
        tidy["cols"] = ",".join([*asked.getlist("col"), *fields])
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
    """Ends of what is being typed, for the list under the box."""
    typed = request.GET.get("q", "")[:200]
    found = suggestions(Asked(request.user, QueryDict()), typed)
    return render(request, "extractions/_suggestions.html", {"suggestions": found})


@live
@login_required
@require_POST
def save_view(request: AuthenticatedRequest) -> HttpResponse:
    """Give the search of the list a name: for oneself, or as a tab for a team."""
    name = " ".join(request.POST.get("name", "").split())[:60]
    query = request.POST.get("query", "")[:2000]
    if not name:
        messages.warning(request, _("The view was not saved: give it a name."))
        return redirect(_list_at(query))
    if SavedView.objects.filter(owner=request.user).count() >= MOST_VIEWS:
        messages.warning(request, _("The view was not saved: you have many already. Remove some first."))
        return redirect(_list_at(query))
    team = None
    if number := request.POST.get("team", ""):
        roles = Membership.objects.filter(person=request.user).exclude(role=Membership.Role.VIEWER)
        team = get_object_or_404(roles.select_related("team"), team__pk=number if number.isdecimal() else 0).team
    SavedView.objects.create(owner=request.user, team=team, name=name, query=query)
    messages.success(request, _("“%(name)s” is saved.") % {"name": name})
    return redirect(_list_at(query))


@live
@login_required
@require_POST
def remove_view(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One's own; those of a team by whoever made them and by the team's administrators."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    own = view.owner_id == request.user.pk
    administers = Membership.objects.filter(
        person=request.user, team=view.team_id, role=Membership.Role.ADMINISTRATOR
    ).exists()
    if not own and not administers:
        raise PermissionDenied(_("Only who made a view of the team, or an administrator of the team, can remove it."))
    view.delete()
    messages.success(request, _("The view “%(name)s” is removed.") % {"name": view.name})
    return redirect(_list_at(view.query))


def _list_at(query: str) -> str:
    address = reverse("extractions:list")
    return f"{address}?{query}" if query else address
