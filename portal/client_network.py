"""Maps IP addresses to the network that counts as one client."""

from __future__ import annotations

from ipaddress import IPv6Network, ip_address

IPV6_PREFIX = 64
"""Providers assign each customer at least a /64, in which the customer may use any address."""


def network_of(text: str) -> str:
    """The IPv4 address itself, or the IPv6 network around it; any other text is returned unchanged."""
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or IPv6Network((int(address), IPV6_PREFIX), strict=False))
