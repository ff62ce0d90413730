"""The first page: what runs, what is stuck and why, what just came."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from extractions.context import Navigation
from extractions.presentation.figures import Figures
from extractions.presentation.pulse import pulse
from extractions.views.live import AuthenticatedRequest, Watch, live, myself, refreshed, unchanged


@live
@login_required
@require_safe
def dashboard(request: AuthenticatedRequest) -> HttpResponse:
    facts = pulse(request.user)
    watch = Watch(partial(pulse, myself(request)), facts)
    if answer := unchanged(request, facts, watch=watch):
        return answer
    context = {"figures": Figures(request.user), "navigation": Navigation(request.user)}
    return refreshed(request, "extractions/dashboard.html", "extractions/_work.html", context, facts=facts, watch=watch)
