"""Which address a request came from, and the network around it that counts as one client."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

Network = IPv4Network | IPv6Network
LOOPBACK: list[Network] = [IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")]

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


def is_from_proxy(environ: Mapping[str, object], proxies: Collection[Network]) -> bool:
    """Whether the connection itself comes from a trusted proxy, whose headers are then believed."""
    peer = _address(str(environ.get("REMOTE_ADDR", "")))
    return peer is not None and _is_within(peer, proxies)


def forwarded_address(environ: Mapping[str, Any], proxies: Collection[Network]) -> str:
    """The client's address by X-Forwarded-For; empty without a trusted proxy, or if its entry is malformed.

    Each proxy appends the address that called it, so the last entry that is no trusted proxy is the client. What stands
    before it may be forged.
    """
    if not is_from_proxy(environ, proxies):
        return ""
    found = None
    for entry in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _address(entry.strip())
        if address is None:
            break
        found = address
        if not _is_within(address, proxies):
            break
    return str(found) if found else ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_within(address: IPv4Address | IPv6Address, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)
