"""The dashboard: what runs, what is stuck and why, what just finished."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from extractions.context import Navigation, navigation_of
from extractions.presentation.lists.change_fingerprint import change_fingerprint
from extractions.presentation.operations.dashboard_figures import DashboardCounts, DashboardFigures
from extractions.presentation.operations.first_steps import first_steps
from extractions.samples import SAMPLES
from extractions.views.live import AuthenticatedRequest, Watch, detached_user, live, refreshed, unchanged


@live
@login_required
@require_safe
def dashboard(request: AuthenticatedRequest) -> HttpResponse:
    facts, watch = None, None
    if request.htmx:
        facts = change_fingerprint(request.user)
        watch = Watch(partial(change_fingerprint, detached_user(request)), facts)
        if response := unchanged(request, facts, watch=watch):
            return response
    counts = DashboardCounts(request.user)
    request.navigation = Navigation(request.user, counts)  # type: ignore[attr-defined]
    figures = DashboardFigures(request.user, counts)
    context = {
        "figures": figures,
        "navigation": navigation_of(request),
        "first_steps": first_steps(figures),
        "samples": SAMPLES if figures.empty else (),
    }
    return refreshed(request, "extractions/dashboard.html", "extractions/_work.html", context, facts=facts, watch=watch)
