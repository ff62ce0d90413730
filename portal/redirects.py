"""Redirects to a page that the form names."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def redirect_within(request: HttpRequest, target: str) -> HttpResponseRedirect | None:
    """Redirect to `target` if it is on this host; None otherwise (no open redirects).

    Django's `redirect` would resolve a bare word as a view name.
    """
    if not target or not url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    ):
        return None
    return HttpResponseRedirect(target)
