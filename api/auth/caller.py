"""From where a request comes: the address behind trusted proxies, and whether nobody could listen in."""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from starlette.requests import HTTPConnection

LOOPBACK_NETWORKS = ("127.0.0.0/8", "::1/128")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "x-forwarded-host")


class Caller(NamedTuple):
    """The other end of a connection."""

    address: str
    """Empty when the server does not know (a test without a socket)."""
    local: bool
    """A program on this machine, with no proxy in between."""
    encrypted: bool
    """The way was TLS, to here or to the proxy in front."""


def caller_of(connection: HTTPConnection, trusted_proxies: Collection[str] = ()) -> Caller:
    """Who is asking. `X-Forwarded-For` counts only as far as trusted proxies wrote it.

    `X-Forwarded-Proto` needs no trust: who lies in it only harms himself, because his browser does not
    keep a secure cookie that came without TLS.
    """
    peer = connection.client.host if connection.client else ""
    forwarded = any(name in connection.headers for name in FORWARDED)
    scheme = connection.headers.get("x-forwarded-proto", connection.url.scheme)
    return Caller(
        address=_behind_proxies(peer, connection.headers.getlist("x-forwarded-for"), trusted_proxies),
        local=is_within(peer, LOOPBACK_NETWORKS) and not forwarded,
        encrypted=scheme.partition(",")[0].strip() in ("https", "wss"),
    )


def is_within(address: str, networks: Collection[str]) -> bool:
    """Is this address in one of these networks (`192.168.1.0/24`, `::1/128`, or a single address)?"""
    try:
        host = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(host, "ipv4_mapped", None)
    return any((mapped or host) in network_from(text) for text in networks)


def network_from(text: str) -> IPv4Network | IPv6Network:
    """ValueError if it is no network or address."""
    return ip_network(text, strict=False)


def _behind_proxies(peer: str, forwarded_for: list[str], trusted: Collection[str]) -> str:
    hops = [hop.strip() for header in forwarded_for for hop in header.split(",")]
    address = peer
    while hops and is_within(address, trusted):
        address = hops.pop()
    return address
