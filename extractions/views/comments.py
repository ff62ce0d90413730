"""Comments on a document, from its result page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from extractions.review import comments
from extractions.views.access import get_visible
from extractions.views.live import AuthenticatedRequest, live


@live
@login_required
@require_POST
def comment(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Whoever sees the document may comment on it."""
    extraction = get_visible(request, key)
    try:
        made = comments.add(extraction, request.user, request.POST.get("text", ""))
    except comments.TooMany:
        made = None
        messages.warning(request, _("Not added: too many comments at once. Try again in a while."))
    place = f"#comment-{made.pk}" if made else ""
    return redirect(f"{extraction.get_absolute_url()}?tab=comments{place}")


@live
@login_required
@require_safe
def mentionable(request: AuthenticatedRequest, key: UUID) -> JsonResponse:
    """Those who can be mentioned: the document's team."""
    people = comments.members_of(get_visible(request, key))
    return JsonResponse({"people": [person.get_full_name() for person in people if person.pk != request.user.pk]})
