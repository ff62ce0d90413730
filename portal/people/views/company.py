"""Sign-in by the company's account, and sign-out there."""

from __future__ import annotations

import logging
import secrets
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.audit.descriptions import REFUSALS
from portal.audit.recording import Action, record_once
from portal.people.company.linking import person_for
from portal.people.company.policy import is_configured
from portal.people.company.provider import CompanyProvider, discovery
from portal.people.company.refusals import SignInRefused
from portal.people.models import User
from portal.rate_limits import client_of

logger = logging.getLogger(__name__)


@never_cache
@require_POST
def company_sign_in(request: HttpRequest) -> HttpResponse:
    """Leave for the provider. By a page that leads on, since the content security policy lets no form do it."""
    provider = _provider(request)
    nonce = secrets.token_urlsafe(32)
    try:
        response: HttpResponse = provider.redirect(
            request,
            process=AuthProcess.LOGIN,
            next_url=get_next_redirect_url(request),
            data={"nonce": nonce},
            auth_params={"nonce": nonce},
        )
    except SignInRefused as refusal:
        return _refuse(request, refusal)
    return _leave(request, response["Location"])


@never_cache
@require_safe
def company_callback(request: HttpRequest) -> HttpResponse:
    provider = _provider(request)
    try:
        state = statekit.unstash_state(request, provider_id=provider.sub_id, state_id=request.GET.get("state", ""))
        _check_answer(request, state)
        claims = provider.claims(
            request.GET["code"], str(state.get("pkce_code_verifier", "")), str(state["data"]["nonce"])
        )
        person = person_for(claims)
    except SignInRefused as refusal:
        return _refuse(request, refusal)
    if request.user.is_authenticated and request.user.pk != person.pk:
        get_adapter(request).logout(request)
    return _sign_in(request, person, provider, state.get("next"))


@never_cache
@require_safe
def company_sign_out(request: HttpRequest) -> HttpResponse:
    """After signing out here: leave for the provider's own sign-out (OpenID Connect RP-Initiated Logout 1.0)."""
    _provider(request)
    back = request.build_absolute_uri(reverse("account_login"))
    try:
        address = discovery().get("end_session_endpoint")
    except SignInRefused:
        address = None
    if not address:
        return redirect(back)
    query = urlencode({"client_id": settings.OIDC_CLIENT_ID, "post_logout_redirect_uri": back})
    return _leave(request, f"{address}{'&' if '?' in address else '?'}{query}")


def _provider(request: HttpRequest) -> CompanyProvider:
    if not is_configured():
        raise Http404
    return CompanyProvider(request)


def _check_answer(request: HttpRequest, state: dict[str, Any] | None) -> None:
    """Refuses what was not begun here, errors, and answers of another issuer (RFC 9207), which may carry its code."""
    if state is None:
        raise SignInRefused("state")
    config, issuer = discovery(), request.GET.get("iss")
    required = config.get("authorization_response_iss_parameter_supported") is True
    if (issuer is None and required) or (issuer is not None and issuer != config["issuer"]):
        raise SignInRefused("issuer", f"answer of {issuer!r}")
    if error := request.GET.get("error"):
        raise SignInRefused("cancelled" if error == "access_denied" else "provider", error[:200])
    if not request.GET.get("code"):
        raise SignInRefused("incomplete", "no code")


def _sign_in(request: HttpRequest, person: User, provider: CompanyProvider, target: str | None) -> HttpResponse:
    record_authentication(request, person, "socialaccount", provider=provider.sub_id)
    response: HttpResponse = perform_login(request, Login(user=person, redirect_url=target))
    return response


def _leave(request: HttpRequest, address: str) -> HttpResponse:
    return render(request, "people/company_leaving.html", {"address": address, "company": settings.OIDC_NAME})


def _refuse(request: HttpRequest, refusal: SignInRefused) -> HttpResponse:
    if refusal.code == "cancelled":
        return redirect("account_login")
    logger.warning("A sign-in by the company's account was refused: %s", refusal)
    after = {"way": "company", "refusal": refusal.code}
    record_once(Action.SIGN_IN_REFUSED, f"{client_of(request)} {refusal.code}", after=after)
    context = {"reason": REFUSALS[refusal.code], "company": settings.OIDC_NAME}
    return render(request, "people/company_refused.html", context, status=403)
