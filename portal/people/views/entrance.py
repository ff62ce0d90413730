"""The first visit, and what a browser keeps for a person."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.people import setup as first_run
from portal.people.forms import SetupForm

THEMES = ("auto", "light", "dark")
A_YEAR = 365 * 24 * 3600


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    if not first_run.opens(token):
        if request.user.is_authenticated:
            return redirect("extractions:dashboard")
        raise Http404
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = first_run.claim(**form.cleaned_data)
        except first_run.AlreadyClaimed as error:
            raise Http404 from error
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("extractions:upload")
    return render(request, "people/setup.html", {"form": form})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme for a browser without JavaScript; static/theme.js sets the same cookie by itself."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    answer = redirect(target)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        answer.set_cookie("theme", chosen, max_age=A_YEAR, samesite="Lax", secure=bool(settings.SESSION_COOKIE_SECURE))
    return answer
