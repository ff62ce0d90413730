"""What the pages of sign-in need to know of the request and of the settings."""

from __future__ import annotations

from ipaddress import ip_address

from django import template
from django.conf import settings
from django.http.request import split_domain_port
from django.template.context import Context

from portal.people.company import policy
from portal.sessions import came_by_company

register = template.Library()


@register.simple_tag
def company_name() -> str:
    """What the account of the company is called; empty where nobody signs in by it."""
    return str(settings.OIDC_NAME) if policy.is_configured() else ""


@register.simple_tag
def company_only() -> bool:
    return policy.is_the_only_way()


@register.simple_tag(takes_context=True)
def second_factor_wanted(context: Context) -> bool:
    return bool(settings.SECOND_FACTOR_REQUIRED) and not came_by_company(context["request"].session)


@register.simple_tag(takes_context=True)
def passkeys_possible(context: Context) -> bool:
    """Whether browsers offer passkeys for this page: only for host names, and only over HTTPS or at localhost."""
    request = context["request"]
    host, _port = split_domain_port(request.get_host())
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False
