"""The first-run setup, and the theme cookie."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import get_script_prefix
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.people import break_glass as emergency
from portal.people import setup as first_run
from portal.people.forms import SetupForm
from portal.redirects import redirect_within

THEMES = ("auto", "light", "dark")
YEAR_SECONDS = 365 * 24 * 3600


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    if not first_run.is_valid_token(token):
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: HttpRequest, token: str) -> HttpResponse:
    person = emergency.person_of(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        login(request, person, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("extractions:dashboard")
    return render(request, "people/break_glass.html", {"person": person})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Set the theme without JavaScript; static/theme.js sets the same cookie."""
    response = redirect_within(request, request.POST.get("next", "")) or HttpResponseRedirect(get_script_prefix())
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            "theme",
            chosen,
            max_age=YEAR_SECONDS,
            path=settings.SESSION_COOKIE_PATH,
            samesite="Lax",
            secure=bool(settings.SESSION_COOKIE_SECURE),
        )
    return response
