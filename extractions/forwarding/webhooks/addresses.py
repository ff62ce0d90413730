"""Which addresses a webhook may lead to. Teams choose hosts freely, so none may lead into the portal's own network."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings

Address = IPv4Address | IPv6Address
NAT64 = IPv6Network("64:ff9b::/96")


class ForbiddenAddress(Exception):
    """The host leads to an address that is neither public nor in WEBHOOK_PRIVATE_NETWORKS."""


def resolve(host: str, port: int, *, encrypted: bool) -> str:
    """An address of the host that may be called. Connect to it, not to the host: a second look-up may answer otherwise.

    One forbidden address among several forbids them all. Raises `ForbiddenAddress` and `OSError`.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(entry[4][0]) for entry in found]
    if not addresses or not all(is_allowed(address, encrypted=encrypted) for address in addresses):
        raise ForbiddenAddress(host)
    return str(addresses[0])


def is_allowed(address: Address, *, encrypted: bool) -> bool:
    """Public addresses over TLS; those of WEBHOOK_PRIVATE_NETWORKS in any case."""
    target = _embedded(address) or address
    if any(target in network for network in settings.WEBHOOK_PRIVATE_NETWORKS):
        return True
    return encrypted and _is_public(target)


def _is_public(address: Address) -> bool:
    """`is_global` alone holds multicast and IPv6's reserved and site-local ranges for public."""
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not (isinstance(address, IPv6Address) and address.is_site_local)


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address to which an IPv6 address leads by mapping, 6to4 or NAT64."""
    if not isinstance(address, IPv6Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
