"""The readable page of the API, made of its OpenAPI description."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from extractions.api.reference import Reference
from portal.people.models import ApiToken

TITLES = {
    "Extracts": _("Documents"),
    "Schemas": _("Schemas"),
    "Files": _("Files"),
    "Ours": _("Extensions of the dialect"),
    "Teams": _("Team"),
    "Options": _("Options"),
    "Classifiers": _("Classifiers of the team"),
    "Review": pgettext_lazy("of values", "Reviewing"),
    "Exports": _("Exports"),
    "Events": _("Events"),
}
DIALECT = "/api/0.8.1/"


@login_required
@require_safe
def api_reference(request: HttpRequest) -> HttpResponse:
    address = request.build_absolute_uri(get_script_prefix()).rstrip("/")
    groups = [(TITLES.get(group.name, group.name), group) for group in Reference(address).groups]
    spoken = [pair for pair in groups if pair[1].operations[0].path.startswith(DIALECT)]
    return render(
        request,
        "extractions/api_reference.html",
        {
            "address": address,
            "parts": [
                ("dialect", DIALECT, spoken),
                ("own", "/api/v1/", [pair for pair in groups if pair not in spoken]),
            ],
            "scopes": dict(ApiToken.Scope.choices),
        },
    )
