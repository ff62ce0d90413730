"""All documents of one's teams, newest first, live while something runs."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from extractions.context import Navigation
from extractions.presentation.listing import COUNTED, TABS, Listing
from extractions.views.live import AuthenticatedRequest, live, refreshed


@live
@login_required
@require_safe
def list_(request: AuthenticatedRequest) -> HttpResponse:
    listing = Listing(request.user, request.GET)
    navigation = Navigation(request.user)
    context = {"listing": listing, "tabs": TABS, "counted": COUNTED, "navigation": navigation}
    facts = (listing.fingerprint(), navigation.fingerprint())
    return refreshed(request, "extractions/list.html", "extractions/_rows.html", context, facts=facts)
