"""What the pages of sign-in need to know of the request and of the settings."""

from __future__ import annotations

from ipaddress import ip_address

from django import template
from django.http.request import split_domain_port
from django.template.context import Context

register = template.Library()


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
