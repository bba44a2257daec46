"""Where a webhook may go: its name is resolved once, every address is judged, and one is kept.

The connection is then made to that very address, so that a name which points elsewhere a moment later
(DNS rebinding) cannot lead into the site's own network.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from api.bilingual import both
from api.notify.errors import ProviderDown, TargetRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """ValueError that names the text which is no network."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def reachable(address: Address, allowed: Sequence[Network]) -> bool:
    """Is it a public address, or one in a network that was allowed?

    An IPv6 form of an IPv4 address (mapped, 6to4, NAT64) is judged by the IPv4 address inside as well.
    """
    if any(address.version == network.version and address in network for network in allowed):
        return True
    inner = _inner(address)
    if inner is not None:
        return reachable(inner, allowed)
    return address.is_global and not address.is_multicast


def _inner(address: Address) -> IPv4Address | None:
    if not isinstance(address, IPv6Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


async def pinned(host: str, port: int, allowed: Sequence[Network]) -> str:
    """The address to connect to. TargetRefused if any address of the name is not reachable.

    One forbidden address condemns the name: a name that points both outside and inside is an attack or
    a mistake, and which of the two would be used is chance.
    """
    addresses = await _resolve(host, port)
    forbidden = [address for address in addresses if not reachable(address, allowed)]
    if forbidden:
        raise TargetRefused(
            both(
                f"{host} 是 {forbidden[0]}，属于私有、回环或保留地址：除非其网络列在 "
                "HAZARDWATCH_API_NOTIFY_PRIVATE_NETWORKS 中，否则不向其发送",
                f"{host} is {forbidden[0]}, a private, loopback or reserved address: webhooks do "
                "not go there "
                "unless its network stands in HAZARDWATCH_API_NOTIFY_PRIVATE_NETWORKS",
            )
        )
    return str(addresses[0])


async def _resolve(host: str, port: int) -> list[Address]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ProviderDown(
            both(f"主机名 {host} 无法解析：{error}", f"the name {host} cannot be resolved: {error}")
        ) from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
