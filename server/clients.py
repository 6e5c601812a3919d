"""Clients, each with a share of what this server has: an IPv4 address, or the IPv6 network of one customer."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from kb.errors import UsageError

__all__ = ["client_of", "is_proxy", "require_networks"]

_CUSTOMER_BITS = 64  # RFC 6177: the smallest part of the IPv6 address space that a site is given
_MOST_HOPS = 20
_LONGEST = 64


def require_networks(texts: Iterable[str]) -> None:
    """Check that texts are addresses or networks.

    :raises UsageError: for the first one that is not
    """
    for text in texts:
        try:
            ip_network(text)
        except ValueError:
            raise UsageError(f"{text!r} is no address or network", "Write one like 10.0.0.1 or 10.0.0.0/8") from None


def client_of(peer: str, forwarded: str, proxies: Sequence[str]) -> str:
    """Return the client behind a connection.

    :param peer: address of the connection's other end
    :param forwarded: value of ``X-Forwarded-For``: each proxy appends the address that it got the request from, so the
        client is the last address that is not a trusted proxy's, whatever it wrote there itself
    :param proxies: addresses and networks of the proxies that are trusted
    """
    client = peer
    if forwarded and proxies:
        hops = [hop.strip()[:_LONGEST] for hop in forwarded.rsplit(",", _MOST_HOPS)]
        while hops and is_proxy(client, tuple(proxies)) and _customer(hops[-1]):
            client = hops.pop()
    return _customer(client) or client


@lru_cache(maxsize=1024)
def is_proxy(address: str, proxies: tuple[str, ...]) -> bool:
    """Return whether an address is that of a trusted proxy."""
    try:
        return any(ip_address(address) in ip_network(network) for network in proxies)
    except ValueError:
        return False


@lru_cache(maxsize=1024)
def _customer(text: str) -> str:
    """Return the address that a text is, of IPv6 the customer's network, or ``""`` for any other text."""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address.packed, _CUSTOMER_BITS), strict=False))
